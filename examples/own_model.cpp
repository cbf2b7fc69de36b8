// A model of one's own on the installed engine: what comes next is said by the last item alone, through an
// embedding and a dense layer. The built-in demo is a Markov process, so there is not much more to know.
#include <fmt/core.h>

#include "data/demo.h"
#include "engine/ops/target_ranks.h"
#include "engine/optim.h"
#include "layers/embedding.h"
#include "layers/linear.h"
#include "models/model.h"

using namespace cce;

class LastItem : public Model {
 public:
  LastItem(int64_t item_rows, int64_t width, uint64_t seed)
      : Model(seed, DType::f32),
        items_(Scope(parameters_) / "item_embeddings", item_rows, width, Init::normal(0.1), 0),
        dense_(Scope(parameters_) / "dense", width, width, Init::xavier_uniform(), Init::constant(0)) {}
  Tensor encode(const Context& ctx, const Batch& batch) const override {
    return dense_(ctx, items_(ctx, batch.items_T));
  }
  const Tensor& item_table() const override { return items_.weight(); }

 private:
  Embedding items_;
  Linear dense_;
};

int main() {
  const Dataset data = demo_dataset();
  Parallel parallel(2);
  const LastItem model(data.item_rows(), 64, 42);
  Adam adam(model.parameters().named(), {.lr = 3e-3});
  TrainingBatches batches(data, {.batch_size = 64});
  for (uint32_t epoch = 1; epoch <= 20; ++epoch) {
    for (int64_t i = 0; i < batches.per_epoch(); ++i) {
      Tape tape;
      const Context ctx{.parallel = parallel, .tape = &tape, .training = true};
      const Batch batch = batches.get(epoch, i);
      tape.backward(linear_cross_entropy(ctx, model.encode(ctx, batch), model.item_table(), batch.targets_T));
      adam.step(parallel);
    }
  }
  const Context ctx{parallel};
  int hits = 0;
  for (int32_t user = 0; user < data.user_count(); ++user) {
    const Batch batch = pack_inputs(data, std::vector{user}, Split::test, 50);
    SeenItems seen;
    seen.add_row(split_history(data, user, Split::test));
    const Tensor answer = Tensor::from({1}, std::vector{split_answer(data, user, Split::test)});
    const Tensor last_1D = select_rows(ctx, model.encode(ctx, batch), last_rows(batch));
    hits += target_ranks(ctx, last_1D, model.item_table(), answer, seen, Seen::exclude).ranks_B[0] < 10;
  }
  fmt::print("HR@10 {:.3f}; no model can expect more than {:.3f}\n", hits / double(data.user_count()),
             demo_best_possible(Split::test, 10).hr);
}
