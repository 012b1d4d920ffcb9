// A convolution in groups as operators share it that do it alone or with what follows it.
#pragma once

#include "norm.h"

#include <algorithm>
#include <tuple>

namespace arcface {

struct Shape {
  int64_t images, channels, in_height, in_width, out_height, out_width, kernel, stride, padding, group;
  Shape(const at::Tensor& x, const at::Tensor& weight, int64_t by, int64_t pad)
      : images(x.size(0)), channels(x.size(1)), in_height(x.size(2)), in_width(x.size(3)),
        out_height((x.size(2) + 2 * pad - weight.size(2)) / by + 1),
        out_width((x.size(3) + 2 * pad - weight.size(3)) / by + 1), kernel(weight.size(2)), stride(by), padding(pad),
        group(weight.size(1)) {}
  int64_t taps() const { return kernel * kernel; }
  int64_t member() const { return taps() * channels; }
  // Some 64 tasks keep the cores of a large machine busy; a band's first rows are read twice.
  int64_t bands() const { return std::min(std::max<int64_t>(1, 64 / images), std::max<int64_t>(1, out_height / 8)); }
  int64_t tasks() const { return images * bands(); }
};

// Whether the loops take it; else it is aten::conv2d.
bool has_grouped_loops(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding, int64_t groups);

// With `stats` also the statistics of the output (statistics.h).
at::Tensor grouped_forward(const at::Tensor& x, const at::Tensor& weight, const Shape& s, at::Tensor* stats);

// What followed the convolution's output y.
struct Followed {
  const at::Tensor& y;
  const Channel& of;
  const NormGradients& by;
};

// dL/dx and dL/dweight, from dL/dy or from the gradient of what followed y.
std::tuple<at::Tensor, at::Tensor> grouped_backward(const at::Tensor& grad, const at::Tensor& x,
                                                    const at::Tensor& weight, const Shape& s, const Followed* followed);

}  // namespace arcface
