#include "tools/artefact.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/error.h"

namespace cce {
namespace {

constexpr std::array kArtefacts = {
    Artefact{"table2", "test metrics of the three models with three losses on five data sets", plan_table2,
             table2_pages},
    Artefact{"significance",
             "whether CCE is ahead of BCE and CE by more than chance, in each number of table2",
             plan_significance, significance_pages},
    Artefact{"figure1", "NDCG@10 at every timestamp of the sequences, GRU4Rec on Yelp", plan_figure1,
             timestamp_pages},
    Artefact{"figure2", "test NDCG@10 against the time of training", plan_figure2, figure2_pages},
    Artefact{"figure3", "NDCG@10 at every timestamp of the sequences, all models and data sets", plan_figure3,
             timestamp_pages},
    Artefact{"losses", "every loss of this program, by the number of negatives, SASRec on Beauty",
             plan_losses, losses_pages},
    Artefact{"protocol", "which choice of the protocol moves a number, and by how much", plan_protocol,
             protocol_pages},
};

}  // namespace

ArtefactPages pages_of(const char* explanation, const TextTable& table) {
  return {.text = fmt::format("{}\n\n{}", explanation, to_columns(table)),
          .markdown = fmt::format("{}\n\n{}", explanation, to_markdown(table)),
          .tsv = to_tsv(table)};
}

std::span<const Artefact> artefacts() {
  return kArtefacts;
}

std::vector<std::string> artefact_names() {
  std::vector<std::string> names;
  for (const Artefact& artefact : kArtefacts) names.emplace_back(artefact.name);
  return names;
}

const Artefact& artefact_named(const std::string& name) {
  const auto found = std::ranges::find_if(kArtefacts, [&](const Artefact& a) { return a.name == name; });
  require(found != kArtefacts.end(), "there is no artefact {}", name);
  return *found;
}

}  // namespace cce
