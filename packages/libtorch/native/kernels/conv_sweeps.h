// Sweeps over the images of a convolution in groups (conv_rows.h): forward, and backward to the input and to the weight
// at once. A task is a band of the rows of an image; which there are depends on the sizes alone, not on the threads.
#pragma once

#include "conv_rows.h"
#include "grouped_conv.h"
#include "parallel.h"
#include "statistics.h"

#include <algorithm>

namespace arcface {

// The taps of a row that an input of column p + stride * j has, from left to right in the output: kernel columns
// last, last - stride, ...; the first of them meets output column j + offset.
struct Phase {
  int64_t last, width, offset;
  Phase(const Shape& s, int64_t p) {
    last = s.kernel - 1 - (s.kernel - 1 + s.stride * s.kernel - p - s.padding) % s.stride;
    width = last / s.stride + 1;
    offset = (p + s.padding - last) / s.stride;
  }
};

// weight [channels, group, kernel, kernel] as [member][tap][channel], of output c with input c ^ member.
Floats inline pack(const at::Tensor& weight, const Shape& s) {
  const auto values = weight.detach().to(at::kFloat).contiguous();
  const auto* from = values.data_ptr<float>();
  Floats packed(s.group * s.member());
  for (int64_t i = 0; i < s.group; i++)
    for (int64_t c = 0; c < s.channels; c++)
      for (int64_t t = 0; t < s.taps(); t++)
        packed[(i * s.taps() + t) * s.channels + c] = from[(c * s.group + (c ^ i) % s.group) * s.taps() + t];
  return packed;
}

// The same for the gradient of the input: [phase][member][kernel row][tap of the phase][channel], of input c with output
// c ^ member.
Floats inline pack_back(const at::Tensor& weight, const Shape& s) {
  const auto values = weight.detach().to(at::kFloat).contiguous();
  const auto* from = values.data_ptr<float>();
  Floats packed(s.stride * s.group * s.member());
  for (int64_t p = 0; p < s.stride; p++) {
    const Phase phase(s, p);
    for (int64_t i = 0; i < s.group; i++)
      for (int64_t ky = 0; ky < s.kernel; ky++)
        for (int64_t t = 0; t < phase.width; t++)
          for (int64_t c = 0; c < s.channels; c++)
            packed[((p * s.group + i) * s.taps() + ky * s.kernel + t) * s.channels + c] =
                from[((c ^ i) * s.group + c % s.group) * s.taps() + ky * s.kernel + phase.last - t * s.stride];
  }
  return packed;
}

// The last `count` rows that were made, by their number; each between margins of zeros.
struct Ring {
  int64_t count, row_size, margin;
  at::Tensor values;
  Ring(int64_t rows, int64_t left, int64_t inner, int64_t right, int64_t channels)
      : count(rows), row_size((left + inner + right) * channels), margin(left * channels),
        values(at::empty({rows * row_size}, at::device(at::kCPU).dtype(at::kFloat))) {
    for (int64_t r = 0; r < rows; r++) {
      std::fill_n(row(r), margin, 0.0f);
      std::fill_n(inside(r) + inner * channels, right * channels, 0.0f);
    }
  }
  float* row(int64_t number) { return values.data_ptr<float>() + number % count * row_size; }
  float* inside(int64_t number) { return row(number) + margin; }
};

// `stats`: of the output, as statistics.h has them, a part a task; null where nobody wants them.
template <int group, typename T>
void forward_sweep(const Shape& s, const T* x, T* y, const float* packed, float* stats) {
  const int64_t channels = s.channels;
  deal(s.tasks(), [&](int64_t task) {
    Ring seen(s.kernel, s.padding, s.in_width, s.padding, channels);
    Floats row_sums(2 * channels), sums(2 * channels), from(channels);
    const int64_t image = task / s.bands(), band = task % s.bands();
    const int64_t first = s.out_height * band / s.bands(), last = s.out_height * (band + 1) / s.bands();
    const T* in = x + image * s.in_height * s.in_width * channels;
    T* out = y + image * s.out_height * s.out_width * channels;
    const Spread spread = {from.data(), row_sums.data(), row_sums.data() + channels};
    int64_t next = 0;
    for (int64_t oy = first; oy < last; oy++) {
      const int64_t top = oy * s.stride - s.padding;
      for (next = std::max(next, top); next < std::min(s.in_height, top + s.kernel); next++)
        widen_row(in + next * s.in_width * channels, seen.inside(next), s.in_width * channels);
      Taps taps = {{}, {}, 0, s.kernel, s.stride, s.member()};
      for (int64_t ky = 0; ky < s.kernel; ky++) {
        if (top + ky < 0 || top + ky >= s.in_height) continue;
        taps.rows[taps.count] = seen.row(top + ky);
        taps.weights[taps.count++] = packed + ky * s.kernel * channels;
      }
      T* row = out + oy * s.out_width * channels;
      if (!stats) {
        forward_row<group, T>(taps, 0, s.out_width, channels, row, nullptr);
        continue;
      }
      if (oy == first) {  // distances from a value of this band: the mean may be large beside them
        const int64_t some = s.out_width / 2;
        forward_row<group, T>(taps, some, some + 1, channels, row, nullptr);
        widen_row(row + some * channels, from.data(), channels);
      }
      std::fill(row_sums.begin(), row_sums.end(), 0.0f);
      forward_row<group, T>(taps, 0, s.out_width, channels, row, &spread);
      for (int64_t c = 0; c < 2 * channels; c++) sums[c] += row_sums[c];
    }
    if (stats)
      close_part(stats + task * statistics_kinds * channels, channels, (last - first) * s.out_width, from.data(),
                 sums.data(), sums.data() + channels);
  });
}

// Adds to `sums` what the output's row oy gives the weight; the rows of the input that it reads are in `seen`.
template <int group>
void add_weights(const Shape& s, int64_t oy, Ring& seen, Ring& given, const float* zeros, float* sums) {
  const int64_t top = oy * s.stride - s.padding;
  const float* rows[7];
  for (int64_t ky = 0; ky < s.kernel; ky++)
    rows[ky] = top + ky < 0 || top + ky >= s.in_height ? zeros : seen.row(top + ky);
  const auto add = [&](void (*loop)(const float* const*, const float*, float*, int64_t, int64_t, int64_t, int64_t),
                       int64_t ky) {
    loop(rows + ky, given.inside(oy), sums + ky * s.kernel * s.channels, s.member(), s.channels, s.out_width, s.stride);
  };
  if (group == 1 && s.kernel == 3) return add(weight_rows<1, 3, 3>, 0);
  for (int64_t ky = 0; ky < s.kernel; ky++)
    if (rows[ky] != zeros) add(group == 1 ? weight_rows<1, 7, 1> : weight_rows<group, 3, 1>, ky);
}

// A normalisation that follows the convolution: `grad` is then the gradient of its result.
template <typename T>
struct After {
  const T* y;
  Before of;
  const float *level, *along;
};

// dL/dx, and dL/dweight in parts [tasks, group, taps, channels] that are 0 at first.
template <int group, typename T>
void backward_sweep(const Shape& s, const T* x, const T* grad, T* out, const After<T>* after, const float* packed,
                    float* parts) {
  const int64_t channels = s.channels;
  const int64_t beyond = std::max<int64_t>(0, (s.in_width - 1 + s.padding) / s.stride + 1 - s.out_width);
  deal(s.tasks(), [&](int64_t task) {
    Ring seen(s.kernel, s.padding, s.in_width, s.padding, channels);
    Ring given(s.kernel, s.kernel - 1, s.out_width, beyond, channels);
    const Floats zeros(seen.row_size);
    const int64_t image = task / s.bands(), band = task % s.bands();
    const int64_t first = s.in_height * band / s.bands(), last = s.in_height * (band + 1) / s.bands();
    const int64_t in = image * s.in_height * s.in_width * channels;
    const auto take = [&](int64_t oy) {
      const int64_t at = (image * s.out_height + oy) * s.out_width * channels;
      if (!after) return widen_row(grad + at, given.inside(oy), s.out_width * channels);
      const auto pull = after->of.slope ? pull_back_row<true, T> : pull_back_row<false, T>;
      pull(after->y + at, grad + at, given.inside(oy), s.out_width, channels, after->of, after->level, after->along);
    };
    // An output row adds to dL/dweight when the last row that it reads has come; `done` is the next that will.
    const auto ends = [&](int64_t oy) { return std::min(oy * s.stride - s.padding + s.kernel, s.in_height) - 1; };
    int64_t done = 0, next = 0;
    while (done < s.out_height && ends(done) < first) done++;
    for (int64_t iy = std::max<int64_t>(0, first - s.kernel + 1); iy < first; iy++)
      widen_row(x + in + iy * s.in_width * channels, seen.inside(iy), s.in_width * channels);
    for (int64_t iy = first; iy < last; iy++) {
      const int64_t low = std::max<int64_t>(0, (iy + s.padding - s.kernel + s.stride) / s.stride);
      const int64_t high = std::min(s.out_height, (iy + s.padding) / s.stride + 1);
      for (next = std::max(next, low); next < high; next++) take(next);
      for (int64_t p = 0; p < std::min(s.stride, s.in_width); p++) {
        const Phase phase(s, p);
        Taps taps = {{}, {}, 0, phase.width, 1, s.member()};
        for (int64_t oy = low; oy < high; oy++) {
          const int64_t ky = iy + s.padding - oy * s.stride;
          taps.rows[taps.count] = given.inside(oy) + phase.offset * channels;
          taps.weights[taps.count++] = packed + p * s.group * s.member() + ky * s.kernel * channels;
        }
        const int64_t at = in + (iy * s.in_width + p) * channels;
        backward_row<group, T>(taps, (s.in_width - p + s.stride - 1) / s.stride, channels, x + at,
                               seen.inside(iy) + p * channels, out + at, s.stride * channels);
      }
      for (; done < s.out_height && ends(done) <= iy; done++)
        add_weights<group>(s, done, seen, given, zeros.data(), parts + task * s.group * s.member());
    }
  });
}

}  // namespace arcface
