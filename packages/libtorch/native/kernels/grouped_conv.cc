// Convolution 3x3 in groups of 1, 2 or 4 channels, and depthwise 7x7, as many channels out as in, where oneDNN 2.6 reads
// the input again for each tap or takes the gradients one after the other. float32 and bfloat16 on the CPU, channels last,
// a multiple of 16 channels, sums in float32 (over bands of images in float64), in an order that does not depend on the
// number of threads. Everything else is aten::conv2d.
#include "again.h"
#include "conv_sweeps.h"
#include "grouped_conv.h"

#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace arcface {
namespace {

template <typename T>
void forward_loops(const at::Tensor& x, const at::Tensor& weight, const Shape& s, at::Tensor& y, float* stats) {
  const auto sweep = s.group == 1 ? forward_sweep<1, T> : s.group == 2 ? forward_sweep<2, T> : forward_sweep<4, T>;
  sweep(s, static_cast<const T*>(x.data_ptr()), static_cast<T*>(y.data_ptr()), pack(weight, s).data(), stats);
}

template <typename T>
void backward_loops(const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight, const Shape& s,
                    const Followed* followed, at::Tensor& grad_x, float* parts) {
  const auto sweep = s.group == 1 ? backward_sweep<1, T> : s.group == 2 ? backward_sweep<2, T> : backward_sweep<4, T>;
  After<T> after;
  if (followed)
    after = {static_cast<const T*>(followed->y.data_ptr()), before(followed->of), followed->by.level.data(),
             followed->by.along.data()};
  sweep(s, static_cast<const T*>(x.data_ptr()), static_cast<const T*>(grad.data_ptr()),
        static_cast<T*>(grad_x.data_ptr()), followed ? &after : nullptr, pack_back(weight, s).data(), parts);
}

// dL/dweight [channels, group, kernel, kernel] of its parts.
at::Tensor weight_gradient(const at::Tensor& parts, const Shape& s) {
  const auto sums = parts.sum(0, false, at::kDouble);
  auto result = at::empty({s.channels, s.group, s.kernel, s.kernel}, parts.options());
  const auto* sum = sums.data_ptr<double>();
  auto* to = result.data_ptr<float>();
  for (int64_t i = 0; i < s.group; i++)
    for (int64_t c = 0; c < s.channels; c++)
      for (int64_t t = 0; t < s.taps(); t++)
        to[(c * s.group + (c ^ i) % s.group) * s.taps() + t] = sum[(i * s.taps() + t) * s.channels + c];
  return result;
}

}  // namespace

bool has_grouped_loops(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding, int64_t groups) {
  if (!x.device().is_cpu() || !weight.device().is_cpu() || x.layout() != at::kStrided) return false;
  if (x.scalar_type() != at::kFloat && x.scalar_type() != at::kBFloat16) return false;
  if (x.dim() != 4 || weight.dim() != 4 || x.numel() == 0 || !x.is_contiguous(at::MemoryFormat::ChannelsLast)) return false;
  const int64_t kernel = weight.size(2), group = weight.size(1);
  return x.size(1) % lanes == 0 && weight.size(0) == x.size(1) && group * groups == x.size(1) &&
         kernel == weight.size(3) && (kernel == 3 || (kernel == 7 && group == 1)) &&
         (group == 1 || group == 2 || group == 4) && stride > 0 && stride <= kernel && padding >= 0 && padding < kernel &&
         std::min(x.size(2), x.size(3)) + 2 * padding >= kernel;
}

at::Tensor grouped_forward(const at::Tensor& x, const at::Tensor& weight, const Shape& s, at::Tensor* stats) {
  auto y = at::empty({s.images, s.channels, s.out_height, s.out_width}, x.options(), at::MemoryFormat::ChannelsLast);
  if (stats) *stats = at::empty({s.tasks(), statistics_kinds, s.channels}, at::device(at::kCPU).dtype(at::kFloat));
  const auto loops = x.scalar_type() == at::kFloat ? forward_loops<float> : forward_loops<uint16_t>;
  loops(x, weight, s, y, stats ? stats->data_ptr<float>() : nullptr);
  return y;
}

std::tuple<at::Tensor, at::Tensor> grouped_backward(const at::Tensor& grad, const at::Tensor& x,
                                                    const at::Tensor& weight, const Shape& s, const Followed* followed) {
  auto grad_x = at::empty_like(x);
  auto parts = at::zeros({s.tasks(), s.group, s.taps(), s.channels}, at::device(at::kCPU).dtype(at::kFloat));
  const auto loops = x.scalar_type() == at::kFloat ? backward_loops<float> : backward_loops<uint16_t>;
  loops(grad, x, weight, s, followed, grad_x, parts.data_ptr<float>());
  return std::make_tuple(grad_x, weight_gradient(parts, s).to(weight.options()));
}

namespace {

at::Tensor formula(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding, int64_t groups) {
  return at::conv2d(x, weight, {}, stride, padding, 1, groups);
}

at::Tensor grouped_conv2d(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding,
                          int64_t groups) {
  if (!has_grouped_loops(x, weight, stride, padding, groups)) return formula(x, weight, stride, padding, groups);
  return grouped_forward(x, weight, Shape(x, weight, stride, padding), nullptr);
}

struct GroupedConv : torch::autograd::Function<GroupedConv> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            int64_t stride, int64_t padding, int64_t groups) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["groups"] = groups;
    return grouped_conv2d(x, weight, stride, padding, groups);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    RECORD_FUNCTION("arcface::grouped_conv2d_backward", std::vector<c10::IValue>({grads[0]}));
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    const int64_t stride = context->saved_data["stride"].toInt(), padding = context->saved_data["padding"].toInt();
    torch::autograd::variable_list result(5);
    if (at::GradMode::is_enabled()) {
      const auto y = formula(x, weight.to(x.scalar_type()), stride, padding, context->saved_data["groups"].toInt());
      const auto found = gradients_again(y, {x, weight}, grads[0]);
      std::copy(found.begin(), found.end(), result.begin());
      return result;
    }
    const Shape shape(x, weight, stride, padding);
    const auto grad = grads[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    std::tie(result[0], result[1]) = grouped_backward(grad, x, weight, shape, nullptr);
    return result;
  }
};

at::Tensor differentiable(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding,
                          int64_t groups) {
  if (!has_grouped_loops(x, weight, stride, padding, groups)) return formula(x, weight, stride, padding, groups);
  return GroupedConv::apply(x, weight, stride, padding, groups);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) { m.impl("grouped_conv2d", grouped_conv2d); }
TORCH_LIBRARY_IMPL(arcface, Autograd, m) { m.impl("grouped_conv2d", differentiable); }

}  // namespace arcface
