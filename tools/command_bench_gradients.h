// The gradient probe: how hard each loss pulls at the right item's score, by the number of negatives and by
// how far the right item stands before the hardest of them. It shows what Eq. 9 to 14 and 21 to 25 of the
// paper say.
#pragma once

#include <span>
#include <string>

namespace cce {

/// A loss of the probe: its name, its equation's number in the paper, and its gradient
/// (losses/score_gradients.h).
struct ProbedLoss {
  const char* name;
  const char* equation;
  bool pairwise;  ///< whether it compares the right item with each negative
  double (*gradient)(double positive, std::span<const double> negatives);
};
std::span<const ProbedLoss> probed_losses();

/// The gradient on the right item's score, which is 0, where one of `negatives` negatives, the hard one,
/// stands at -bias and the others, the easy ones, at -10.
double probe(const ProbedLoss& loss, int negatives, double bias);

/// The probe as text: for each loss a table with a row for each number of negatives and a column for each
/// bias.
std::string gradient_tables();

/// The probe as a picture: the size of the gradients over the number of negatives, and over the bias.
std::string gradient_picture();

}  // namespace cce
