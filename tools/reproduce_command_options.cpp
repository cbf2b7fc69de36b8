// The options of `reproduce`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/artefact.h"
#include "tools/command_options.h"
#include "tools/option_rows.h"

namespace cce {
namespace {

constexpr const char* kOfTheArtefact = "as the artefact says";

std::string footer() {
  std::string text = "What there is to make:\n";
  for (const Artefact& artefact : artefacts())
    text += fmt::format("  {:<12} {}\n", artefact.name, artefact.description);
  return text +
         "For example:\n"
         "  cce_rec reproduce table2 --data toys --model sasrec    three runs, some ten minutes\n"
         "  cce_rec reproduce figure3 --data toys --model sasrec   the same runs, and the page of a figure\n"
         "  cce_rec reproduce table2                               all 45, hours; the same command goes on";
}

}  // namespace

OptionTable table_of(ReproduceOptions& o) {
  return {
      .command = "reproduce",
      .description = "Makes the tables and figures of the paper, and says how the numbers compare.",
      .options =
          {
              {"data", "Runs", text(o.data, "NAMES"), "beauty, sports, toys, yelp, lastfm", kOfTheArtefact},
              {"model", "Runs", text(o.model, "NAMES"), "gru4rec, sasrec, s3rec", kOfTheArtefact},
              {"loss", "Runs", text(o.loss, "NAMES"), "bce, ce, cce; of losses: any", kOfTheArtefact},
              {"negatives", "Runs", text(o.negatives, "NUMBERS"),
               "wrong items for each target, of losses that draw them", "of losses: 1,10,100,1000"},
              {"seeds", "Runs", text(o.seeds, "NUMBERS"), "a run for each"},
              {"epochs", "Runs", integer(o.epochs, 1, kMany),
               "most epochs of a run, and of pre-training, for a quick look", "200, and those of pretrain"},
              {"out", "Work", text(o.out, "DIR"), "a folder for each run in here"},
              {"device", "Work", choice(o.device, {"auto", "cpu", "cuda"}), "where to compute"},
              {"at-once", "Work", integer(o.at_once, 0, kMany), "runs side by side, with one thread each",
               "the cores there are, on a GPU at most 4"},
              {"no-training", "Work", flag(o.no_training), "make the pages of the runs that are there", "",
               false},
              {"markdown", "Work", text(o.markdown, "FILE.md"),
               "the page; numbers (.tsv) and picture (.svg) come beside it", "in the folder of --out"},
          },
      .positional = fmt::format("{}", fmt::join(artefact_names(), " | ")),
      .footer = footer()};
}

}  // namespace cce
