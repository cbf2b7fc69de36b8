#include "tools/saved_evaluation.h"

#include <fmt/format.h>

#include "tools/strict_json.h"

namespace cce {

std::string to_json(const SavedEvaluation& evaluation) {
  return fmt::format("{{\"weights\":\"{}\",\"data\":\"{}\",\"measured\":{}}}\n", evaluation.weights,
                     evaluation.data, evaluation.measured);
}

SavedEvaluation parse_saved_evaluation(std::string_view text, const std::string& place) {
  const nlohmann::json json = parse_strict_json(text, place);
  StrictObject object(json, place);
  SavedEvaluation evaluation;
  evaluation.weights = object.take_as<std::string>("weights");
  evaluation.data = object.take_as<std::string>("data");
  evaluation.measured = object.take("measured").dump();
  object.finish();
  return evaluation;
}

}  // namespace cce
