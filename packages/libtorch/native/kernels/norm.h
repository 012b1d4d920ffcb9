// The parts of batch normalisation (batch_norm.cc) that operators share which do it together with their own work.
#pragma once

#include <ATen/ATen.h>

#include <initializer_list>
#include <tuple>
#include <vector>

namespace arcface {

using Optional = c10::optional<at::Tensor>;

inline bool usual(const at::Tensor& one) { return one.device().is_cpu() && one.layout() == at::kStrided; }
// Whether the loops take them: float32, contiguous, on the CPU.
bool usual_parameters(std::initializer_list<const at::Tensor*> parameters);
// Throws where parameters, statistics and slopes do not fit the outputs of a convolution.
void check_layer(const char* name, const at::Tensor& weight, std::initializer_list<const at::Tensor*> parameters,
                 const Optional& slope);

// z = (x - mean) * scale + bias, y = z > 0 ? z : slope * z. The difference comes first: a mean may be far from 0.
struct Channel {
  std::vector<float> mean, scale, bias, slope;
};
Channel channel(const at::Tensor& mean, const at::Tensor& inverse, const at::Tensor& weight, const at::Tensor& bias,
                const Optional& slope);

// The statistics of x in parts (statistics.h).
at::Tensor statistics_of(const at::Tensor& x);
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

// dL/dx, of all rows or of some.
at::Tensor pull_back_all(const at::Tensor& grad, const at::Tensor& x, const Channel& of, const NormGradients& by);
void pull_back_rows(at::ScalarType type, const void* x, const void* given, void* out, int64_t rows, const Channel& of,
                    const NormGradients& by);

// dL/dslope, of one slope for all or of one for each channel.
at::Tensor slope_gradient(const at::Tensor& of_channels, const at::Tensor& slope);

// `batch_norm` in training by the dispatcher, with its own gradient.
at::Tensor normalized_in_training(const at::Tensor& y, const at::Tensor& scale, const at::Tensor& shift,
                                  const at::Tensor& running_mean, const at::Tensor& running_var, const Optional& slope,
                                  const Optional& residual, double momentum, double eps);

}  // namespace arcface
