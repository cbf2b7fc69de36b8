// How hard a criterion pulls at the score of the right item: the derivatives of the paper, for one row.
//
// `positive` is r+, the right item's score, `negatives` are r_j, those of N >= 1 sampled items (for the
// softmax: of all others). sigma is the sigmoid, s_j the softmax over the negatives. These are what autograd
// computes through the criteria, written out; tests compare the two, `cce_rec bench gradients` shows them.
#pragma once

#include <cstddef>
#include <span>

namespace cce {

/// Eq. 9: -1/N sum of (1 - sigma(r+ - r_j)).
double bpr_gradient(double positive, std::span<const double> negatives);
/// Eq. 10, with the minus sign it lacks: -1/N sum of sigma(r_j - r+) (1 - sigma(r_j - r+)).
double top1_gradient(double positive, std::span<const double> negatives);
/// Eq. 13: -(sum of s_j sigma(b_j) (1 - sigma(b_j))) / (sum of s_j sigma(b_j)), b_j = r+ - r_j.
double bpr_max_gradient(double positive, std::span<const double> negatives);
/// Eq. 14: -sum of s_j sigma(r_j - r+) (1 - sigma(r_j - r+)).
double top1_max_gradient(double positive, std::span<const double> negatives);
/// -sum of w_j (1 - sigma(r+ - r_j)), w_j as in lambdarank.cpp.
double lambdarank_gradient(double positive, std::span<const double> negatives);

/// Eq. 21: -(1 - sigma(r+)). The negatives play no part.
double bce_gradient(double positive, std::span<const double> negatives);
/// Eq. 22, read as in the code, on r_j: sigma(r_j).
double bce_negative_gradient(double positive, std::span<const double> negatives, size_t j);
/// Eq. 24: p+ - 1, where p is the softmax over the right item and the others.
double ce_gradient(double positive, std::span<const double> negatives);
/// Eq. 25, on r_j: p_j.
double ce_negative_gradient(double positive, std::span<const double> negatives, size_t j);

}  // namespace cce
