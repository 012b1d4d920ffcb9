// The parts of batch normalisation (batch_norm.cc) that operators share which do it together with their own work.
#pragma once

#include <ATen/ATen.h>

#include <tuple>
#include <vector>

namespace arcface {

using Optional = c10::optional<at::Tensor>;

// z = (x - mean) * scale + bias, y = z > 0 ? z : slope * z. The difference comes first: a mean may be far from 0.
struct Channel {
  std::vector<float> mean, scale, bias, slope;
};
Channel channel(const at::Tensor& mean, const at::Tensor& inverse, const at::Tensor& weight, const at::Tensor& bias,
                const Optional& slope);

// Mean and one over the deviation of each channel, float32, of all parts together, which the running ones follow.
std::tuple<at::Tensor, at::Tensor> together(const at::Tensor& stats, at::Tensor running_mean, at::Tensor running_var,
                                            double momentum, double eps);

// y + residual, of x in float32 or bfloat16, channels last.
at::Tensor normalized(const at::Tensor& x, const Channel& of, const Optional& residual);

// dL/dweight, dL/dbias and dL/dslope (undefined without slopes) of each channel, and what dL/dx takes off of dL/dz: its mean,
// and its mean product with x - mean beside the variance.
struct NormGradients {
  at::Tensor weight, bias, slope;
  std::vector<float> level, along;
};
NormGradients gradients_of(const at::Tensor& grad, const at::Tensor& x, const Channel& of, const at::Tensor& inverse,
                           bool training);

// dL/dx of some rows.
void pull_back_rows(at::ScalarType type, const void* x, const void* given, void* out, int64_t rows, const Channel& of,
                    const NormGradients& by);

}  // namespace arcface
