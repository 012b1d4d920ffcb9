// Convolution 3x3 in groups of 2 or 4 channels, and depthwise 7x7, as many channels out as in: where oneDNN 2.6 takes
// twice as long. Its depthwise 3x3 is faster than this would be and stays.
//
// In channels last every tap of every group is one product of
// whole vectors: within a group of p channels, output c needs inputs c ^ 0 .. c ^ (p - 1), which are neighbours in a
// vector. float32 and bfloat16 on the CPU, channels last, a multiple of 16 channels, sums in float32 (over images in
// float64), in an order that does not depend on the number of threads. Everything else is aten::conv2d.
#include "again.h"
#include "vectors.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <tuple>
#include <vector>

namespace arcface {
namespace {

struct Shape {
  int64_t images, channels, in_height, in_width, out_height, out_width, kernel, stride, padding, group;
  Shape(const at::Tensor& x, const at::Tensor& weight, int64_t by, int64_t pad)
      : images(x.size(0)), channels(x.size(1)), in_height(x.size(2)), in_width(x.size(3)),
        out_height((x.size(2) + 2 * pad - weight.size(2)) / by + 1),
        out_width((x.size(3) + 2 * pad - weight.size(3)) / by + 1), kernel(weight.size(2)), stride(by), padding(pad),
        group(weight.size(1)) {}
  int64_t taps() const { return kernel * kernel; }
};

// `together` neighbours in a row: out = sum over taps and members of a group of packed[member][tap] * tap's values.
template <int group, int together, typename T>
ARCFACE_BODY void gather_some(const T* const* taps, int64_t count, const float* packed, T* out, int64_t channels) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector sums[together] = {};
    for (int64_t t = 0; t < count; t++) {
      const float* weights = packed + t * channels + c;
      const Vector w0 = load(weights);
      const Vector w1 = group > 1 ? load(weights + count * channels) : w0;
      const Vector w2 = group > 2 ? load(weights + 2 * count * channels) : w0;
      const Vector w3 = group > 2 ? load(weights + 3 * count * channels) : w0;
#pragma GCC unroll 4
      for (int b = 0; b < together; b++) {
        const Vector x = load(taps[b * count + t] + c);
        sums[b] += w0 * x;
        if (group > 1) sums[b] += w1 * neighbour<1>(x);
        if (group > 2) sums[b] += w2 * neighbour<2>(x) + w3 * neighbour<3>(x);
      }
    }
#pragma GCC unroll 4
    for (int b = 0; b < together; b++) store(sums[b], out + b * channels + c);
  }
}

template <int group, typename T>
ARCFACE_CLONES void gather(const T* const* taps, int64_t width, int64_t count, const float* packed, T* out,
                           int64_t channels) {
  int64_t at = 0;
  for (; at + 4 <= width; at += 4)
    gather_some<group, 4>(taps + at * count, count, packed, out + at * channels, channels);
  for (; at < width; at++) gather_some<group, 1>(taps + at * count, count, packed, out + at * channels, channels);
}

// Adds to sums[member][tap of one row of the kernel][channel] what one row of the output gives.
template <int group, int kernel, typename T>
ARCFACE_CLONES void weight_row(const T* x, const T* given, float* sums, int64_t member_stride, int64_t channels,
                               int64_t in_width, int64_t out_width, int64_t stride, int64_t padding) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector sum[group][kernel];
    for (int i = 0; i < group; i++)
      for (int k = 0; k < kernel; k++) sum[i][k] = load(sums + i * member_stride + k * channels + c);
    for (int64_t ox = 0; ox < out_width; ox++) {
      const Vector grad = load(given + ox * channels + c);
      const int64_t first = ox * stride - padding;
      const bool inside = first >= 0 && first + kernel <= in_width;
#pragma GCC unroll 7
      for (int k = 0; k < kernel; k++) {
        if (!inside && (first + k < 0 || first + k >= in_width)) continue;
        const Vector value = load(x + (first + k) * channels + c);
        sum[0][k] += grad * value;
        if (group > 1) sum[group > 1 ? 1 : 0][k] += grad * neighbour<1>(value);
        if (group > 2) {
          sum[group > 2 ? 2 : 0][k] += grad * neighbour<2>(value);
          sum[group > 2 ? 3 : 0][k] += grad * neighbour<3>(value);
        }
      }
    }
    for (int i = 0; i < group; i++)
      for (int k = 0; k < kernel; k++) store(sum[i][k], sums + i * member_stride + k * channels + c);
  }
}

// weight [channels, group, kernel, kernel] as [member][tap][channel]: of output c with input c ^ member, or, for the
// gradient of the input, of input c with output c ^ member.
std::vector<float> pack(const at::Tensor& weight, const Shape& s, bool transposed) {
  const auto values = weight.detach().to(at::kFloat).contiguous();
  const auto* from = values.data_ptr<float>();
  std::vector<float> packed(s.group * s.taps() * s.channels);
  for (int64_t i = 0; i < s.group; i++)
    for (int64_t c = 0; c < s.channels; c++) {
      const int64_t out = transposed ? c ^ i : c, in = (transposed ? c : c ^ i) % s.group;
      for (int64_t t = 0; t < s.taps(); t++)
        packed[(i * s.taps() + t) * s.channels + c] = from[(out * s.group + in) * s.taps() + t];
    }
  return packed;
}

template <typename T, typename F>
void rows_of(int64_t images, int64_t height, int64_t width, int64_t count, int64_t channels, const F& tap, T* out,
             void (*loop)(const T* const*, int64_t, int64_t, const float*, T*, int64_t), const float* packed) {
  at::parallel_for(0, images * height, 1, [&](int64_t begin, int64_t end) {
    std::vector<const T*> taps(width * count);
    for (int64_t row = begin; row < end; row++) {
      for (int64_t x = 0; x < width; x++)
        for (int64_t t = 0; t < count; t++) taps[x * count + t] = tap(row / height, row % height, x, t);
      loop(taps.data(), width, count, packed, out + row * width * channels, channels);
    }
  });
}

template <typename T>
auto gather_of(int64_t group) {
  return group == 1 ? gather<1, T> : group == 2 ? gather<2, T> : gather<4, T>;
}

template <typename T>
at::Tensor forward_loops(const at::Tensor& x, const at::Tensor& weight, const Shape& s) {
  auto y = at::empty({s.images, s.channels, s.out_height, s.out_width}, x.options(), at::MemoryFormat::ChannelsLast);
  const auto packed = pack(weight, s, false);
  const std::vector<T> zero(s.channels);
  const auto* from = static_cast<const T*>(x.data_ptr());
  const auto tap = [&](int64_t n, int64_t oy, int64_t ox, int64_t t) {
    const int64_t iy = oy * s.stride + t / s.kernel - s.padding, ix = ox * s.stride + t % s.kernel - s.padding;
    const bool inside = iy >= 0 && iy < s.in_height && ix >= 0 && ix < s.in_width;
    return inside ? from + ((n * s.in_height + iy) * s.in_width + ix) * s.channels : zero.data();
  };
  rows_of(s.images, s.out_height, s.out_width, s.taps(), s.channels, tap, static_cast<T*>(y.data_ptr()),
          +gather_of<T>(s.group), packed.data());
  return y;
}

template <typename T>
at::Tensor input_gradient(const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight, const Shape& s) {
  auto grad_x = at::empty_like(x);
  const auto packed = pack(weight, s, true);
  const std::vector<T> zero(s.channels);
  const auto* from = static_cast<const T*>(grad.data_ptr());
  const auto tap = [&](int64_t n, int64_t iy, int64_t ix, int64_t t) {
    const int64_t sy = iy + s.padding - t / s.kernel, sx = ix + s.padding - t % s.kernel;
    const int64_t oy = sy / s.stride, ox = sx / s.stride;
    const bool reached = sy >= 0 && sx >= 0 && sy % s.stride == 0 && sx % s.stride == 0 && oy < s.out_height &&
                         ox < s.out_width;
    return reached ? from + ((n * s.out_height + oy) * s.out_width + ox) * s.channels : zero.data();
  };
  rows_of(s.images, s.in_height, s.in_width, s.taps(), s.channels, tap, static_cast<T*>(grad_x.data_ptr()),
          +gather_of<T>(s.group), packed.data());
  return grad_x;
}

template <typename T>
at::Tensor weight_gradient(const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight, const Shape& s) {
  const int64_t member = s.taps() * s.channels;
  auto parts = at::zeros({s.images, s.group, s.taps(), s.channels}, at::device(at::kCPU).dtype(at::kFloat));
  auto* part = parts.data_ptr<float>();
  const auto* from = static_cast<const T*>(x.data_ptr());
  const auto* given = static_cast<const T*>(grad.data_ptr());
  const auto loop = s.group == 1 ? weight_row<1, 7, T> : s.group == 2 ? weight_row<2, 3, T> : weight_row<4, 3, T>;
  at::parallel_for(0, s.images, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++)
      for (int64_t oy = 0; oy < s.out_height; oy++)
        for (int64_t ky = 0; ky < s.kernel; ky++) {
          const int64_t iy = oy * s.stride + ky - s.padding;
          if (iy < 0 || iy >= s.in_height) continue;
          loop(from + (n * s.in_height + iy) * s.in_width * s.channels,
               given + (n * s.out_height + oy) * s.out_width * s.channels,
               part + n * s.group * member + ky * s.kernel * s.channels, member, s.channels, s.in_width, s.out_width,
               s.stride, s.padding);
        }
  });
  const auto sums = parts.sum(0, false, at::kDouble);
  auto result = at::empty({s.channels, s.group, s.kernel, s.kernel}, parts.options());
  const auto* sum = sums.data_ptr<double>();
  auto* to = result.data_ptr<float>();
  for (int64_t i = 0; i < s.group; i++)
    for (int64_t c = 0; c < s.channels; c++)
      for (int64_t t = 0; t < s.taps(); t++)
        to[(c * s.group + (c ^ i) % s.group) * s.taps() + t] = sum[(i * s.taps() + t) * s.channels + c];
  return result.to(weight.options());
}

bool has_loops(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding, int64_t groups) {
  if (!x.device().is_cpu() || !weight.device().is_cpu() || x.layout() != at::kStrided) return false;
  if (x.scalar_type() != at::kFloat && x.scalar_type() != at::kBFloat16) return false;
  if (x.dim() != 4 || weight.dim() != 4 || x.numel() == 0 || !x.is_contiguous(at::MemoryFormat::ChannelsLast)) return false;
  const int64_t kernel = weight.size(2), group = weight.size(1);
  return x.size(1) % lanes == 0 && weight.size(0) == x.size(1) && group * groups == x.size(1) &&
         kernel == weight.size(3) && (group == 1 ? kernel == 7 : (group == 2 || group == 4) && kernel == 3) && stride > 0 && padding >= 0 && std::min(x.size(2), x.size(3)) + 2 * padding >= kernel;
}

at::Tensor formula(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding, int64_t groups) {
  return at::conv2d(x, weight, {}, stride, padding, 1, groups);
}

at::Tensor grouped_conv2d(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding,
                          int64_t groups) {
  if (!has_loops(x, weight, stride, padding, groups)) return formula(x, weight, stride, padding, groups);
  const Shape shape(x, weight, stride, padding);
  return x.scalar_type() == at::kFloat ? forward_loops<float>(x, weight, shape)
                                       : forward_loops<uint16_t>(x, weight, shape);
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
    const bool single = x.scalar_type() == at::kFloat;
    if (x.requires_grad())
      result[0] = single ? input_gradient<float>(grad, x, weight, shape) : input_gradient<uint16_t>(grad, x, weight, shape);
    if (weight.requires_grad())
      result[1] = single ? weight_gradient<float>(grad, x, weight, shape)
                         : weight_gradient<uint16_t>(grad, x, weight, shape);
    return result;
  }
};

at::Tensor differentiable(const at::Tensor& x, const at::Tensor& weight, int64_t stride, int64_t padding,
                          int64_t groups) {
  if (!has_loops(x, weight, stride, padding, groups)) return formula(x, weight, stride, padding, groups);
  return GroupedConv::apply(x, weight, stride, padding, groups);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) { m.impl("grouped_conv2d", grouped_conv2d); }
TORCH_LIBRARY_IMPL(arcface, Autograd, m) { m.impl("grouped_conv2d", differentiable); }

}  // namespace arcface
