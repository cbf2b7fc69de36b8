// Table 2 as text: for a terminal, and as Markdown.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "tools/counted.h"
#include "tools/table2.h"

namespace cce {
namespace {

constexpr std::array<const char*, 3> kModels = {"gru4rec", "sasrec", "s3rec"};

char mark(Verdict verdict) {
  return verdict == Verdict::above ? '+' : verdict == Verdict::reproduced ? '=' : '-';
}

double difference(const Comparison& comparison) {
  return 100 * (comparison.mean / comparison.paper - 1);
}

std::string counts_line(const std::vector<CellRuns>& cells) {
  std::map<Verdict, int> counts;
  for (const CellRuns& cell : cells) {
    for (const Metric metric : kPaperMetrics) ++counts[compare_with_paper(cell, metric).verdict];
  }
  return fmt::format("{} numbers: {} at or above the paper, {} reproduced, {} below, {} not run",
                     cells.size() * kPaperMetrics.size(), counts[Verdict::above], counts[Verdict::reproduced],
                     counts[Verdict::below], counts[Verdict::not_run]);
}

/// A verdict says nothing of a number that is far above: how near they are, either way.
std::string nearness_line(const std::vector<CellRuns>& cells) {
  std::map<int, int> within;
  for (const CellRuns& cell : cells) {
    for (const Metric metric : kPaperMetrics) {
      const Comparison c = compare_with_paper(cell, metric);
      for (const int percent : {3, 5, 10}) {
        within[percent] += c.verdict != Verdict::not_run && std::abs(difference(c)) <= percent;
      }
    }
  }
  return fmt::format("Within 3 % of the paper, above or below, are {} numbers, within 5 % {}, within 10 % {}",
                     within[3], within[5], within[10]);
}

std::string ordering_line(const std::vector<CellRuns>& cells) {
  const Ordering order = ordering(cells);
  if (order.numbers == 0) return "";
  return fmt::format("CCE is above the better of BCE and CE in {} of {} numbers (the paper: {})", order.ours,
                     order.numbers, order.paper);
}

/// line_of(model, metric's name, improvement) for each that there is.
template <class LineOf>
std::string improvements_text(const std::vector<CellRuns>& cells, LineOf line_of) {
  std::string text;
  for (const char* model : kModels) {
    for (const Metric metric : kPaperMetrics) {
      const Improvement gain = improvement(cells, model, metric);
      if (gain.data_sets > 0) text += line_of(model, name(metric), gain);
    }
  }
  return text;
}

/// A row for each data set and model, a column for each metric: "67.2; 69.7", in per cent.
std::string improvements_table(const std::vector<CellRuns>& cells) {
  std::string rows;
  for (const CellRuns& cell : cells) {
    if (cell.cell.loss != "cce" ||
        improvement(cells, cell.cell.model, Metric::ndcg10, cell.cell.data).data_sets == 0)
      continue;
    rows += fmt::format("| {}, {} |", cell.cell.data, cell.cell.model);
    for (const Metric metric : kPaperMetrics) {
      const Improvement gain = improvement(cells, cell.cell.model, metric, cell.cell.data);
      rows += fmt::format(" {:.1f}; {:.1f} |", 100 * gain.ours, 100 * gain.paper);
    }
    rows += "\n";
  }
  if (rows.empty()) return "";
  std::string header = "\n| %: ours; the paper's |", line = "| --- |";
  for (const Metric metric : kPaperMetrics) {
    header += fmt::format(" {} |", name(metric));
    line += " --- |";
  }
  return header + "\n" + line + "\n" + rows;
}

/// " ± 0.0012 (3 seeds)" behind a mean; " (1 of 3 seeds)" where runs are missing.
std::string seeds_text(const CellRuns& cell, const Comparison& comparison) {
  const int64_t runs = std::ssize(cell.runs), planned = std::max<int64_t>(cell.planned, runs);
  if (planned < 2) return "";
  const std::string spread = runs > 1 ? fmt::format(" ± {:.4f}", comparison.spread) : "";
  return spread + (runs < planned ? fmt::format(" ({} of {} seeds)", runs, planned)
                                  : fmt::format(" ({} seeds)", runs));
}

/// "0.0623 (paper 0.0615)" and the like.
std::string short_entry(const CellRuns& cell) {
  const Comparison ndcg = compare_with_paper(cell, Metric::ndcg10);
  if (ndcg.verdict == Verdict::not_run) return fmt::format("not run; {:.4f}", ndcg.paper);
  return fmt::format("**{:.4f}**{}; {:.4f}", ndcg.mean, seeds_text(cell, ndcg), ndcg.paper);
}

std::string short_table(const std::vector<CellRuns>& cells) {
  std::string text = "| NDCG@10: ours; the paper's | BCE | CE | CCE |\n| --- | --- | --- | --- |\n";
  std::vector<std::string> titles;  // in the order of the cells
  std::map<std::string, std::map<std::string, std::string>> entries;
  for (const CellRuns& cell : cells) {
    const std::string title = cell.cell.data + ", " + cell.cell.model;
    if (!entries.contains(title)) titles.push_back(title);
    entries[title][cell.cell.loss] = short_entry(cell);
  }
  for (const std::string& title : titles) {
    std::map<std::string, std::string>& row = entries[title];
    text += fmt::format("| {} | {} | {} | {} |\n", title, row["bce"], row["ce"], row["cce"]);
  }
  return text;
}

std::string number_row(const CellRuns& cell, Metric metric) {
  const Comparison c = compare_with_paper(cell, metric);
  std::string row =
      fmt::format("| {} {} {} | {} | {:.4f} | {} |", cell.cell.data, cell.cell.model, cell.cell.loss,
                  name(metric), c.paper, c.authors ? fmt::format("{:.4f}", *c.authors) : "");
  if (c.verdict == Verdict::not_run) return row + " | | not run |\n";
  return row + fmt::format(" {:.4f}{} | {:+.1f} % | {} |\n", c.mean, seeds_text(cell, c), difference(c),
                           name(c.verdict));
}

}  // namespace

std::string table2_text(const std::vector<CellRuns>& cells) {
  std::string text = fmt::format("{:<20}", "test metrics");
  for (const Metric metric : kPaperMetrics) text += fmt::format("{:>18}", name(metric));
  text += "\n";
  for (const CellRuns& cell : cells) {
    text += fmt::format("{:<20}", cell.cell.data + " " + cell.cell.model + " " + cell.cell.loss);
    for (const Metric metric : kPaperMetrics) {
      const Comparison c = compare_with_paper(cell, metric);
      text += c.verdict == Verdict::not_run
                  ? fmt::format("{:>18}", "not run")
                  : fmt::format("{:>9.4f} {:+6.1f}% {}", c.mean, difference(c), mark(c.verdict));
    }
    if (!cell.runs.empty() && std::ssize(cell.runs) < cell.planned)
      text += fmt::format("  ({} of {} seeds)", cell.runs.size(), cell.planned);
    text += "\n";
  }
  text +=
      "\nBeside each number its distance from the paper's. +: not below it to four digits; =: at least 0.97 "
      "of\nthe smaller of the paper's and what the authors' run logged; -: below that.\n" +
      counts_line(cells) + ".\n";
  if (const std::string order = ordering_line(cells); !order.empty()) text += order + ".\n";
  const std::string gains =
      improvements_text(cells, [](const char* model, const char* metric, const Improvement& gain) {
        return fmt::format("{:<8} {:<8} paper {:6.1f} %   ours {:6.1f} %   ({})\n", model, metric,
                           100 * gain.paper, 100 * gain.ours, counted(gain.data_sets, "data set"));
      });
  if (!gains.empty())
    text += "\nCCE above the better of BCE and CE, mean over data sets that have all three:\n" + gains;
  return text;
}

std::string table2_markdown(const std::vector<CellRuns>& cells) {
  std::string text = short_table(cells) + "\n" + counts_line(cells) + ". " + nearness_line(cells) + ".";
  if (const std::string order = ordering_line(cells); !order.empty()) text += " " + order + ".";
  text += "\n";
  const std::string gains =
      improvements_text(cells, [](const char* model, const char* metric, const Improvement& gain) {
        return fmt::format("| {} | {} | {:.1f} % | {:.1f} % | {} |\n", model, metric, 100 * gain.paper,
                           100 * gain.ours, gain.data_sets);
      });
  if (!gains.empty()) {
    text +=
        "\n## How much CCE gains\n\nOver the better of BCE and CE, the mean over the data sets that have all "
        "three, as the paper computes it.\n\n| model | metric | the paper | ours | data sets |\n"
        "| --- | --- | --- | --- | --- |\n" +
        gains + improvements_table(cells);
  }
  text +=
      "\n## Every number\n\nThe verdict is \"above\" where ours is at least the paper's to its four digits, "
      "and \"reproduced\" where it is\nat least 0.97 of the smaller of the paper's and what the authors' run "
      "logged.\n\n"
      "| cell | metric | the paper | the authors' log | ours | difference | verdict |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const CellRuns& cell : cells) {
    for (const Metric metric : kPaperMetrics) text += number_row(cell, metric);
  }
  return text;
}

}  // namespace cce
