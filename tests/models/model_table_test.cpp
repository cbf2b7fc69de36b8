#include "models/model_table.h"

#include <algorithm>

#include "tests/data/files.h"

namespace cce {
namespace {

TEST_CASE("Every model is made under its name, with what its kind has") {
  for (const KnownModel& model : known_models()) {
    CAPTURE(model.name);
    CHECK(&model_named(model.name) == &model);
    CHECK(model.is_transformer() == (model.layers > 0 && model.heads > 0 && model.attention_dropout > 0));
    ModelOptions options;
    options.item_rows = 7, options.attribute_rows = 3;
    CHECK(make_model(model.name, options, 1)->item_table().shape()[0] == 7);
  }
}

TEST_CASE("The largest parameters of a model are its own, and have most of its numbers") {
  for (const KnownModel& model : known_models()) {
    CAPTURE(model.name);
    ModelOptions options;
    options.item_rows = 7, options.attribute_rows = 3, options.hidden_size = 100, options.max_length = 9;
    options.transformer.layers = 3;
    const auto made = make_model(model.name, options, 1);
    int64_t numbers = 0;
    for (const auto& [name, shape] : model.largest(options)) {
      CAPTURE(name);
      const auto own =
          std::ranges::find(made->parameters().named(), name, [](const auto& p) { return p.first; });
      REQUIRE(own != made->parameters().named().end());
      CHECK(own->second.shape() == shape);
      numbers += shape.size();
    }
    CHECK(2 * numbers > made->parameters().count());
  }
}

TEST_CASE("A model is found by its name, or not") {
  CHECK(find_model("sasrec") == &model_named("sasrec"));
  CHECK(find_model("lstm") == nullptr);
}

TEST_CASE("A model that there is not is refused with the names of those there are") {
  CHECK(testing::message_of([] { make_model("lstm", {}, 1); }, ExitCode::usage)
            .starts_with("there is no model \"lstm\" (there are: gru4rec, sasrec, s3rec, bert4rec"));
}

}  // namespace
}  // namespace cce
