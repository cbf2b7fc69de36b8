#include "tools/option_rows.h"

#include "models/model_table.h"
#include "tools/named_choices.h"

namespace cce {

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const KnownModel& model : known_models()) names.push_back(model.name);
  return names;
}

Option data_option(std::string& variable) {
  return {"data", "Data", text(variable, "NAME|PATH"),
          "a known name (see: cce_rec data list) or a file of sequences"};
}

Option seen_option(std::string& variable) {
  return {"seen", "Evaluation", choice(variable, choice_names(kSeenChoices)),
          "items the user already had: leave them out of the ranking, score them 0, or keep them"};
}

Option device_option(std::string& variable) {
  return {"device", "Machine", choice(variable, {"auto", "cpu", "cuda"}), "where to compute"};
}

Option threads_option(int& variable) {
  return {"threads", "Machine", integer(variable, 1, 1024), "threads to compute with", "the cores there are"};
}

}  // namespace cce
