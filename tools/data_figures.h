// What the paper's Table 1 tells about data sets, what padding would cost, and how long sequences are.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace cce {

/// A table with a column for each data set, to be added one after another.
class DataFigures {
 public:
  void add(const Dataset& dataset);
  /// On standard output.
  void print() const;

 private:
  std::vector<std::string> lines_;
};

}  // namespace cce
