#include "models/model_table.h"

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

TEST_CASE("A model that there is not is refused with the names of those there are") {
  CHECK(testing::message_of([] { make_model("lstm", {}, 1); }, ExitCode::usage)
            .starts_with("there is no model \"lstm\" (there are: gru4rec, sasrec, s3rec, bert4rec"));
}

}  // namespace
}  // namespace cce
