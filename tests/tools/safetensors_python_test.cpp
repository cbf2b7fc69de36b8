// Files exchanged with the format's reference implementation, where Python has it.
#include <cstdlib>

#include "tests/data/files.h"
#include "tools/durable_file.h"
#include "tools/safetensors.h"

namespace cce {
namespace {

using testing::TemporaryFolder;

/// Reads argv[1], checks it, and writes the same tensors to argv[2] and others to argv[3].
constexpr const char* kScript = R"(
import sys
import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

tensors = load_file(sys.argv[1])
assert sorted(tensors) == ["a.weight", "best", "empty", "step"], sorted(tensors)
assert tensors["a.weight"].dtype == np.float32 and tensors["a.weight"].tolist() == [[1, 2, 3], [4, 5, 6.5]]
assert tensors["best"].dtype == np.float64 and tensors["best"].tolist() == [0.1]
assert tensors["step"].dtype == np.int32 and tensors["step"].shape == () and tensors["step"] == -7
assert tensors["empty"].shape == (0, 5)
with safe_open(sys.argv[1], "np") as file:
    assert file.metadata() == {"model": "gru4rec \"é\""}, file.metadata()
save_file(tensors, sys.argv[2], {"model": "gru4rec \"é\""})
save_file({"half": np.array([1, -2.5, 65504, 2.0**-24], np.float16), "wide": np.array([[-5], [2**31 - 1]]),
           "mask": np.array([True, False])}, sys.argv[3])
)";

TEST_CASE("python safetensors: files are exchanged both ways") {
  const TemporaryFolder folder;
  const TensorFile file{{{"model", "gru4rec \"é\""}},
                        {{"a.weight", Tensor::from({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6.5f})},
                         {"best", Tensor::from({1}, std::vector<double>{0.1})},
                         {"empty", Tensor::zeros({0, 5})},
                         {"step", Tensor::from({}, std::vector<int32_t>{-7})}},
                        {}};
  write_safetensors(folder / "ours", file);
  const std::string script = folder.write("script.py", kScript);
  const std::string command =
      fmt::format("python3 {} {} {} {}", script, folder / "ours", folder / "theirs", folder / "others");
  REQUIRE(std::system(command.c_str()) == 0);

  CHECK(safetensors_bytes(read_safetensors(folder / "theirs")) == safetensors_bytes(file));
  const TensorFile others = read_safetensors(folder / "others");
  CHECK(others.unreadable == decltype(others.unreadable){{"mask", "its dtype is BOOL"}});
  const Tensor half = *others.find("half"), wide = *others.find("wide");
  CHECK(std::vector<float>(half.span<float>().begin(), half.span<float>().end()) ==
        std::vector<float>{1, -2.5f, 65504, 0x1p-24f});
  CHECK(wide.shape() == Shape{2, 1});
  CHECK(wide.data<int32_t>()[0] == -5);
  CHECK(wide.data<int32_t>()[1] == 2147483647);
}

}  // namespace
}  // namespace cce
