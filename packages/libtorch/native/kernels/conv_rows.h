// Rows of a convolution in groups of 1, 2 or 4 channels, as many out as in, in channels last: loops over vectors.
//
// Every tap of every group is one product of whole vectors: within a group of p channels, output c needs inputs c ^ 0 ..
// c ^ (p - 1), which are neighbours in a vector. The loops read rows of float32 that were made of the input's and stay in
// the cache until the last row of the kernel has passed them, so memory is read once.
#pragma once

#include "norm_rows.h"

namespace arcface {

template <typename T>
ARCFACE_CLONES void widen_row(const T* x, float* out, int64_t count) {
  for (int64_t at = 0; at < count; at += lanes) store(load(x + at), out + at);
}

// dL/dy of some pixels whose y is normalised, from the gradient of the result (batch_norm.cc).
template <bool active, int together, typename T>
ARCFACE_BODY void pull_back_some(const T* y, const T* given, float* out, int64_t channels, const Before& of,
                                 const float* level, const float* along) {
  for (int64_t c = 0; c < channels; c += lanes) {
    const auto m = member_of<active>(of, c);
    const Vector mean_of_grad = load(level + c), slant = load(along + c);
#pragma GCC unroll 4
    for (int b = 0; b < together; b++) {
      const int64_t at = b * channels + c;
      store(pulled_back<active>(load(y + at), load(given + at), m, mean_of_grad, slant), out + at);
    }
  }
}

template <bool active, typename T>
ARCFACE_CLONES void pull_back_row(const T* y, const T* given, float* out, int64_t pixels, int64_t channels,
                                  const Before& of, const float* level, const float* along) {
  int64_t at = 0;
  for (; at + 4 <= pixels; at += 4)
    pull_back_some<active, 4>(y + at * channels, given + at * channels, out + at * channels, channels, of, level, along);
  for (; at < pixels; at++)
    pull_back_some<active, 1>(y + at * channels, given + at * channels, out + at * channels, channels, of, level, along);
}

// Output j = sum over rows r, taps k and members i of a group of weights[r][i][k] * rows[r][j * step + k].
struct Taps {
  const float *rows[7], *weights[7];
  int64_t count, width, step, member;
};

template <int group, int together>
ARCFACE_BODY void correlate(const Taps& taps, int64_t first, int64_t channels, int64_t c, Vector* sums) {
  for (int b = 0; b < together; b++) sums[b] = Vector{};
  for (int64_t r = 0; r < taps.count; r++) {
    const float* row = taps.rows[r] + first * taps.step * channels + c;
    const float* weights = taps.weights[r] + c;
    for (int64_t k = 0; k < taps.width; k++, row += channels, weights += channels) {
      const Vector w0 = load(weights);
      const Vector w1 = group > 1 ? load(weights + taps.member) : w0;
      const Vector w2 = group > 2 ? load(weights + 2 * taps.member) : w0;
      const Vector w3 = group > 2 ? load(weights + 3 * taps.member) : w0;
#pragma GCC unroll 4
      for (int b = 0; b < together; b++) {
        const Vector x = load(row + b * taps.step * channels);
        sums[b] += w0 * x;
        if (group > 1) sums[b] += w1 * neighbour<1>(x);
        if (group > 2) sums[b] += w2 * neighbour<2>(x) + w3 * neighbour<3>(x);
      }
    }
  }
}

// Sums a channel over one row of distances from a point, and of their squares, of the values that were stored.
struct Spread {
  const float* from;
  float *sums, *squares;
};

template <int group, int together, typename T>
ARCFACE_BODY void forward_some(const Taps& taps, int64_t first, int64_t channels, T* out, const Spread* spread) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector values[together];
    correlate<group, together>(taps, first, channels, c, values);
    for (int b = 0; b < together; b++) values[b] = store(values[b], out + (first + b) * channels + c);
    if (!spread) continue;
    const Vector from = load(spread->from + c);
    Vector sum = load(spread->sums + c), square = load(spread->squares + c);
    for (int b = 0; b < together; b++) {
      const Vector apart = values[b] - from;
      sum += apart;
      square += apart * apart;
    }
    store(sum, spread->sums + c);
    store(square, spread->squares + c);
  }
}

template <int group, typename T>
ARCFACE_CLONES void forward_row(const Taps& taps, int64_t first, int64_t last, int64_t channels, T* out,
                                const Spread* spread) {
  for (; first + 4 <= last; first += 4) forward_some<group, 4>(taps, first, channels, out, spread);
  for (; first < last; first++) forward_some<group, 1>(taps, first, channels, out, spread);
}

// dL/dx of every `apart`-th value of a row of the input, whose own values go to `seen`, for the weight's gradient.
template <int group, int together, typename T>
ARCFACE_BODY void backward_some(const Taps& taps, int64_t first, int64_t channels, const T* x, float* seen, T* out,
                                int64_t apart) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector grads[together];
    correlate<group, together>(taps, first, channels, c, grads);
#pragma GCC unroll 4
    for (int b = 0; b < together; b++) {
      const int64_t at = (first + b) * apart + c;
      store(load(x + at), seen + at);
      store(grads[b], out + at);
    }
  }
}

template <int group, typename T>
ARCFACE_CLONES void backward_row(const Taps& taps, int64_t count, int64_t channels, const T* x, float* seen, T* out,
                                 int64_t apart) {
  int64_t first = 0;
  for (; first + 4 <= count; first += 4) backward_some<group, 4>(taps, first, channels, x, seen, out, apart);
  for (; first < count; first++) backward_some<group, 1>(taps, first, channels, x, seen, out, apart);
}

// Adds to sums[member][row of the kernel][tap][channel] what one row of the output gives, `rows` rows of the kernel at a
// time.
template <int group, int kernel, int rows>
ARCFACE_CLONES void weight_rows(const float* const* seen, const float* given, float* sums, int64_t member,
                                int64_t channels, int64_t width, int64_t step) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector sum[group][rows][kernel];
    for (int i = 0; i < group; i++)
      for (int t = 0; t < rows * kernel; t++) sum[i][t / kernel][t % kernel] = load(sums + i * member + t * channels + c);
    for (int64_t at = 0; at < width; at++) {
      const Vector grad = load(given + at * channels + c);
#pragma GCC unroll 3
      for (int r = 0; r < rows; r++) {
        const float* row = seen[r] + at * step * channels + c;
#pragma GCC unroll 7
        for (int k = 0; k < kernel; k++) {
          const Vector value = load(row + k * channels);
          sum[0][r][k] += grad * value;
          if (group > 1) sum[group > 1 ? 1 : 0][r][k] += grad * neighbour<1>(value);
          if (group > 2) {
            sum[group > 2 ? 2 : 0][r][k] += grad * neighbour<2>(value);
            sum[group > 2 ? 3 : 0][r][k] += grad * neighbour<3>(value);
          }
        }
      }
    }
    for (int i = 0; i < group; i++)
      for (int t = 0; t < rows * kernel; t++) store(sum[i][t / kernel][t % kernel], sums + i * member + t * channels + c);
  }
}

}  // namespace arcface
