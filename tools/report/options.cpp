// The options of `cce_rec report`.
#include "tools/command_options.h"

namespace cce {

OptionTable table_of(ReportOptions& o) {
  return {.command = "report",
          .description =
              "Makes one HTML page about runs, which opens without a network: curves, metrics, options, "
              "ranks, and what compare\ntells. A folder of runs stands for all in it; pictures (.svg) and "
              "tables (.tsv) are shown, too.",
          .options =
              {
                  {"out", "Page", text(o.out, "FILE"), "where the page is written"},
                  {"overwrite", "Page", flag(o.overwrite), "replace the file", "", false},
                  {"title", "Page", text(o.title, "TEXT"), "what stands above it", "what the runs are"},
              },
          .positional = "RUN...",
          .footer =
              "For example:\n"
              "  cce_rec report runs/sasrec-bce-toys-42 runs/sasrec-cce-toys-42\n"
              "  cce_rec report runs/table2 --out table2.html"};
}

}  // namespace cce
