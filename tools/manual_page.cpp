#include <fmt/format.h>

#include "tools/command_options.h"
#include "tools/completion.h"

namespace cce {
namespace {

/// Text as troff takes it: nothing in it is a request or an escape.
std::string troff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (result.empty() || result.back() == '\n')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else {
      result += c == '-' ? std::string("\\-") : std::string(1, c);
    }
  }
  return result;
}

std::string option_entry(const Option& option) {
  std::string entry = fmt::format(".TP\n\\fB{}\\fR", troff("--" + option.name));
  if (!option.value.metavar.empty()) entry += fmt::format(" \\fI{}\\fR", troff(option.value.metavar));
  const std::string otherwise = shown_default(option);
  entry += "\n" + troff(option.help);
  if (!otherwise.empty()) entry += " [" + troff(otherwise) + "]";
  return entry + "\n";
}

std::string command_section(const OptionTable& table) {
  const std::string usage = table.positional.empty() ? "[options]" : table.positional;
  std::string section = fmt::format(".SS {}\n\\fBcce_rec {}\\fR {}\n.PP\n{}\n", table.command, table.command,
                                    troff(usage), troff(table.description));
  std::string group;
  for (const Option& option : table.options) {
    if (option.group != group) section += fmt::format(".PP\n\\fI{}\\fR\n", troff(option.group));
    group = option.group;
    section += option_entry(option);
  }
  if (!table.footer.empty()) section += ".PP\n.nf\n" + troff(table.footer) + "\n.fi\n";
  return section;
}

constexpr const char* kAfterCommands = R"(.SH OPTIONS FROM ELSEWHERE
The command line goes before the environment, and that before the file named by \fB\-\-config\fR, a line
\fIoption = value\fR (TOML) for each option.
.SH ENVIRONMENT
.TP
\fBCCE_REC_\fIOPTION\fR
the value of an option: CCE_REC_BATCH_SIZE=128 for \-\-batch\-size 128 (\-\-data and
\-\-print\-config have no variable)
.TP
\fBCCE_REC_DATA\fR
the folder that known data sets are looked for in
.TP
\fBXDG_CACHE_HOME\fR
where they are kept once downloaded, in the folder cce_rec; by default ~/.cache
.TP
\fBCCE_INSTRUCTIONS\fR
\fIbaseline\fR: do without AVX\-512
.SH FILES
A run is a folder: config.toml, items.tsv (of data that were prepared), metrics.jsonl, result.json, ranks.tsv,
best.safetensors, last.safetensors, resume.safetensors, events.out.tfevents.cce_rec (with \-\-tensorboard).
.SH EXIT STATUS
0 done; 1 data or files at fault, or a loss that is no number; 2 wrong use; 3 out of memory; 130 and 143 stopped by a
signal, after saving.
)";

}  // namespace

std::string manual_page(const std::string& version) {
  std::string page = fmt::format(
      ".TH CCE_REC 1 \"\" \"cce_rec {}\"\n.SH NAME\ncce_rec \\- sequential recommenders: train, evaluate, "
      "recommend\n.SH SYNOPSIS\n\\fBcce_rec\\fR \\fICOMMAND\\fR [options]\n.SH COMMANDS\n",
      version);
  for_each_table([&](const OptionTable& table) { page += command_section(table); });
  return page + kAfterCommands;
}

}  // namespace cce
