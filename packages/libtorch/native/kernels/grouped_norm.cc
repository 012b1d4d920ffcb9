// A convolution in groups (grouped_conv.cc) with the batch normalisation behind it and its PReLU (batch_norm.cc), in
// training. The convolution takes the statistics from the values in registers; on the way back dL/dy is computed row by
// row where the convolution's gradients read it, and never stored. What the loops do not take is ATen's convolution and
// `batch_norm`.
#include "again.h"
#include "grouped_conv.h"

#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace arcface {
namespace {

at::Tensor formula(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& scale, const at::Tensor& shift,
                   const at::Tensor& running_mean, const at::Tensor& running_var, const Optional& slope, int64_t stride,
                   int64_t padding, int64_t groups, double momentum, double eps) {
  return normalized_in_training(at::conv2d(x, weight, {}, stride, padding, 1, groups), scale, shift, running_mean,
                                running_var, slope, {}, momentum, eps);
}

struct GroupedNorm : torch::autograd::Function<GroupedNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& scale, const at::Tensor& shift, const Optional& slope,
                            const at::Tensor& running_mean, const at::Tensor& running_var, int64_t stride,
                            int64_t padding, int64_t groups, double momentum, double eps) {
    at::AutoDispatchBelowADInplaceOrView below;
    at::Tensor stats, mean, inverse;
    const auto y = grouped_forward(x, weight, Shape(x, weight, stride, padding), &stats);
    std::tie(mean, inverse) = together(stats, running_mean, running_var, momentum, eps);
    context->save_for_backward({x, weight, scale, shift, slope ? *slope : at::Tensor(), y, mean, inverse});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["groups"] = groups;
    context->saved_data["eps"] = eps;
    return normalized(y, channel(mean, inverse, scale, shift, slope), {});
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    RECORD_FUNCTION("arcface::grouped_norm_backward", std::vector<c10::IValue>({grads[0]}));
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &scale = saved[2], &shift = saved[3], &y = saved[5];
    const auto &mean = saved[6], &inverse = saved[7];
    const Optional slope = saved[4].defined() ? Optional(saved[4]) : Optional();
    const int64_t stride = context->saved_data["stride"].toInt(), padding = context->saved_data["padding"].toInt();
    torch::autograd::variable_list result(12);
    // The gradients of a graph that is differentiated again are made of operators that can be.
    if (at::GradMode::is_enabled()) {
      const auto z = formula(x, weight.to(x.scalar_type()), scale, shift, mean.clone(), mean.clone(), slope, stride,
                             padding, context->saved_data["groups"].toInt(), 0, context->saved_data["eps"].toDouble());
      const auto found = gradients_again(z, {x, weight, scale, shift, saved[4]}, grads[0]);
      std::copy(found.begin(), found.end(), result.begin());
      return result;
    }
    const auto of = channel(mean, inverse, scale, shift, slope);
    const auto given = grads[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    const auto by = gradients_of(given, y, of, inverse, true);
    const Followed followed = {y, of, by};
    std::tie(result[0], result[1]) =
        grouped_backward(given, x, weight, Shape(x, weight, stride, padding), &followed);
    result[2] = by.weight;
    result[3] = by.bias;
    if (slope) result[4] = slope_gradient(by.slope, *slope);
    return result;
  }
};

at::Tensor grouped_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& scale, const at::Tensor& shift,
                        at::Tensor running_mean, at::Tensor running_var, const Optional& slope, int64_t stride,
                        int64_t padding, int64_t groups, double momentum, double eps) {
  if (!has_grouped_loops(x, weight, stride, padding, groups) ||
      !usual_parameters({&scale, &shift, &running_mean, &running_var}))
    return formula(x, weight, scale, shift, running_mean, running_var, slope, stride, padding, groups, momentum, eps);
  check_layer("grouped_norm", weight, {&scale, &shift, &running_mean, &running_var}, slope);
  return GroupedNorm::apply(x, weight, scale, shift, slope, running_mean, running_var, stride, padding, groups, momentum,
                            eps);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeImplicitAutograd, m) { m.impl("grouped_norm", grouped_norm); }

}  // namespace arcface
