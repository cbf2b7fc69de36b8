// One position of a GRU on the CPU: h -> h' and back, 16 units at a time.
//
//   r = sigmoid(in_r + U_r h)        z = sigmoid(in_z + U_z h)        h' = n + z (h - n)
//   n = tanh(in_n + r * (U_n h)) with the reset gate after U_n, tanh(in_n + U_n (r * h)) with it before
//
// The products with U are the caller's (gru.cpp): it has those of many sequences made at once. Private to
// that file.
#pragma once

#include "engine/ops/formulas.h"
#include "engine/ops/gru_problem.h"
#include "engine/ops/lanes.h"

namespace cce::cpu {

template <class T>
struct GruCell {
  int64_t hidden;
  bool reset_before;
  GruSaved<T> saved;

  /// h[H] -> next[H] from in[3H], the position's input, and uh[3H] = U h, whose last third is U_n (r * h)
  /// with the reset gate before. `row` is where it is saved.
  void forward(int64_t row, const T* in, const T* uh, const T* h, T* next) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k, at = row * hidden + k;
      const auto lanes = [rest](const T* p) { return load_lanes<T>(p, rest); };
      const Lanes<T> r = reset_gate(in, uh, k);
      const Lanes<T> z = formulas::Sigmoid::value<Lanes<T>>(lanes(in + hidden + k) + lanes(uh + hidden + k));
      const Lanes<T> u = lanes(uh + 2 * hidden + k);
      const Lanes<T> recurrent = reset_before ? u : Lanes<T>(r * u);
      const Lanes<T> n = formulas::Tanh::value<Lanes<T>>(lanes(in + 2 * hidden + k) + recurrent);
      store_lanes<T>(next + k, rest, n + z * (lanes(h + k) - n));
      if (saved.r == nullptr) continue;
      store_lanes<T>(saved.r + at, rest, r);
      store_lanes<T>(saved.z + at, rest, z);
      store_lanes<T>(saved.n + at, rest, n);
      if (!reset_before) store_lanes<T>(saved.u + at, rest, u);
    }
  }

  /// rh[H] = r * h: what U_n is applied to with the reset gate before it.
  void reset_state(int64_t row, const T* in, const T* uh, const T* h, T* rh) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const Lanes<T> reset = reset_gate(in, uh, k) * load_lanes<T>(h + k, hidden - k);
      store_lanes<T>(rh + k, hidden - k, reset);
      if (saved.u != nullptr) store_lanes<T>(saved.u + row * hidden + k, hidden - k, reset);
    }
  }

  /// From dh[H] = d(h'), which becomes the direct part of d(h), to the gradients of the gates' arguments: din
  /// (added to, [3H]; null: not wanted) and duh[3H] = d(U h). With the reset gate before U_n that of r is
  /// still to come.
  void backward(int64_t row, const T* h, T* dh, T* duh, T* din) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k, at = row * hidden + k;
      const auto lanes = [rest](const T* p) { return load_lanes<T>(p, rest); };
      const Lanes<T> r = lanes(saved.r + at), z = lanes(saved.z + at), n = lanes(saved.n + at);
      const Lanes<T> d = lanes(dh + k);
      const Lanes<T> dz = d * (lanes(h + k) - n) * z * (T{1} - z);
      const Lanes<T> dn = d * (T{1} - z) * (T{1} - n * n);
      store_lanes<T>(duh + hidden + k, rest, dz);
      store_lanes<T>(duh + 2 * hidden + k, rest, reset_before ? dn : Lanes<T>(dn * r));
      store_lanes<T>(dh + k, rest, d * z);
      if (din != nullptr) {
        add_lanes<T>(din + hidden + k, rest, dz);
        add_lanes<T>(din + 2 * hidden + k, rest, dn);
      }
      if (!reset_before) reset_gate_backward(row, k, dn * lanes(saved.u + at), duh, din);
    }
  }

  /// With the reset gate before U_n: from drh[H] = d(r * h) to d(r) and, added to dh, d(h).
  void reset_state_backward(int64_t row, const T* h, const T* drh, T* dh, T* duh, T* din) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k;
      const Lanes<T> d = load_lanes<T>(drh + k, rest);
      add_lanes<T>(dh + k, rest, d * load_lanes<T>(saved.r + row * hidden + k, rest));
      reset_gate_backward(row, k, d * load_lanes<T>(h + k, rest), duh, din);
    }
  }

 private:
  /// r, for units k to k + 15.
  Lanes<T> reset_gate(const T* in, const T* uh, int64_t k) const {
    return formulas::Sigmoid::value<Lanes<T>>(
        Lanes<T>(load_lanes<T>(in + k, hidden - k) + load_lanes<T>(uh + k, hidden - k)));
  }

  /// From d(r) to the gradient of its argument, for units k to k + 15.
  void reset_gate_backward(int64_t row, int64_t k, const Lanes<T>& dr, T* duh, T* din) const {
    const Lanes<T> r = load_lanes<T>(saved.r + row * hidden + k, hidden - k);
    const Lanes<T> darg = dr * r * (T{1} - r);
    store_lanes<T>(duh + k, hidden - k, darg);
    if (din != nullptr) add_lanes<T>(din + k, hidden - k, darg);
  }
};

}  // namespace cce::cpu
