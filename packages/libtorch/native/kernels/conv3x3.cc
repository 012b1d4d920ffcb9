// Convolution 3x3 of stride 1 with a border of zeros, as many pixels out as in, by Winograd's minimal filtering (winograd.h):
// a quarter of the multiplications, which is what a processor's products of float32 set as the limit.
//
// A block of tiles is transformed, multiplied and transformed back while it is in the second cache. float32 on the CPU,
// channels last, multiples of 16 channels, in an order that does not depend on the number of threads. Everything else is
// aten::conv2d: bfloat16 too, whose products are twice as fast, so that there is nothing to be won.
#include "again.h"
#include "parallel.h"
#include "products.h"
#include "winograd.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <vector>

namespace arcface {
namespace {

constexpr int64_t strip = 64;  // channels of a result that are made together

// The tiles of a batch, in the order of their pixels.
struct Tiles {
  int64_t height, width, across, of_image, count;
  explicit Tiles(const at::Tensor& x)
      : height(x.size(2)), width(x.size(3)), across((width + tile_outputs - 1) / tile_outputs),
        of_image(across * ((height + tile_outputs - 1) / tile_outputs)), count(x.size(0) * of_image) {}

  // Where the pixels of a square lie that begins `before` pixels above and left of a tile; `outside` for those beyond the
  // border.
  template <int side, typename T>
  void pixels(int64_t tile, int64_t before, T* image, int64_t channels, T* outside, T** out) const {
    const int64_t within = tile % of_image;
    const int64_t top = within / across * tile_outputs - before, left = within % across * tile_outputs - before;
    T* const first = image + tile / of_image * height * width * channels;
    for (int64_t i = 0; i < side; i++)
      for (int64_t j = 0; j < side; j++) {
        const int64_t y = top + i, x = left + j;
        const bool inside = y >= 0 && y < height && x >= 0 && x < width;
        out[i * side + j] = inside ? first + (y * width + x) * channels : outside;
      }
  }
};

// The square of one tile, to its row in each of the 36 matrices, which are `apart` values from each other.
template <class M>
ARCFACE_CLONES void spread(const float* const* pixels, int64_t channels, float* to, int64_t apart) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector in[M::from][M::from], out[M::to][M::to];
    for (int i = 0; i < M::from; i++)
      for (int j = 0; j < M::from; j++) in[i][j] = load(pixels[i * M::from + j] + c);
    transform<M>(in, out);
    for (int i = 0; i < M::to; i++)
      for (int j = 0; j < M::to; j++) store(out[i][j], to + (i * M::to + j) * apart + c);
  }
}

// Back from them to the outputs of the tile; null for those beyond the border.
ARCFACE_CLONES void collect(const float* from, int64_t apart, int64_t channels, float* const* pixels) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector in[tile_inputs][tile_inputs], out[tile_outputs][tile_outputs];
    for (int i = 0; i < tile_inputs; i++)
      for (int j = 0; j < tile_inputs; j++) in[i][j] = load(from + (i * tile_inputs + j) * apart + c);
    transform<OfOutput>(in, out);
    for (int i = 0; i < tile_outputs; i++)
      for (int j = 0; j < tile_outputs; j++)
        if (float* to = pixels[i * tile_outputs + j]) store(out[i][j], to + c);
  }
}

// A row of `count` weights of each of the nine taps, to a row in each of the 36 matrices; `turned` by half a turn.
ARCFACE_CLONES void spread_weights(const float* from, int64_t tap, int64_t count, bool turned, float* to, int64_t apart) {
  for (int64_t c = 0; c < count; c += lanes) {
    Vector in[3][3], out[tile_inputs][tile_inputs];
    for (int i = 0; i < 9; i++) in[i / 3][i % 3] = load(from + (turned ? 8 - i : i) * tap + c);
    transform<OfWeight>(in, out);
    for (int i = 0; i < positions; i++) store(out[i / tile_inputs][i % tile_inputs], to + i * apart + c);
  }
}

ARCFACE_CLONES void collect_weights(const float* from, int64_t apart, int64_t channels, float* to) {
  for (int64_t c = 0; c < channels; c += lanes) {
    Vector in[tile_inputs][tile_inputs], out[3][3];
    for (int i = 0; i < positions; i++) in[i / tile_inputs][i % tile_inputs] = load(from + i * apart + c);
    transform<OfWeightGradient>(in, out);
    for (int i = 0; i < 9; i++) store(out[i / 3][i % 3], to + i * channels + c);
  }
}

// The 36 matrices lie this many values from each other: powers of two would put them all into the same sets of the caches.
int64_t distance(int64_t values) { return values + lanes; }

at::Tensor floats(int64_t count) { return at::empty({count}, at::device(at::kCPU).dtype(at::kFloat)); }

// The 36 matrices [depth, width] of the weights [outputs, inputs, 3, 3], each in strips as the products want them; for the
// gradient of the input (`back`) width are the inputs.
at::Tensor packed_weights(const at::Tensor& weight, bool back) {
  const auto taps = weight.detach().permute({2, 3, back ? 0 : 1, back ? 1 : 0}).contiguous();
  const int64_t depth = taps.size(2), width = taps.size(3), matrix = depth * width, apart = distance(matrix);
  const auto spread_out = floats(positions * apart), packed = floats(positions * matrix);
  const auto* from = taps.data_ptr<float>();
  auto *between = spread_out.data_ptr<float>(), *to = packed.data_ptr<float>();
  deal(depth, [&](int64_t d) { spread_weights(from + d * width, matrix, width, back, between + d * width, apart); });
  const auto& products = products_of_floats();
  deal(positions, [&](int64_t p) {
    for (int64_t w = 0; w < width; w += strip)
      products.pack(between + p * apart + w, width, 1, depth, std::min(strip, width - w), to + p * matrix + w * depth);
  });
  return packed;
}

// The convolution of x [N, depth, H, W] with packed weights, [N, width, H, W].
at::Tensor filtered(const at::Tensor& x, const at::Tensor& packed, int64_t width) {
  const Tiles tiles(x);
  const int64_t depth = x.size(1), matrix = depth * width;
  auto y = at::empty({x.size(0), width, x.size(2), x.size(3)}, x.options(), at::MemoryFormat::ChannelsLast);
  const std::vector<float> zero(depth);
  const auto* from = x.data_ptr<float>();
  const auto* weights = packed.data_ptr<float>();
  auto* to = y.data_ptr<float>();
  const auto& products = products_of_floats();
  // Deep matrices are read from far away: more tiles for each reading.
  const int64_t block = std::max<int64_t>(24, depth / 8);
  deal_ranges(tiles.count, block, [&](int64_t begin, int64_t end) {
    const int64_t count = end - begin, apart = distance(count * depth);
    const auto scratch = floats(positions * (apart + distance(count * strip)) + 3 * strip);
    auto *inputs = scratch.data_ptr<float>(), *results = inputs + positions * apart;
    auto* rest = results + positions * distance(count * strip);
    const float* around[positions];
    for (int64_t t = 0; t < count; t++) {
      tiles.pixels<tile_inputs>(begin + t, 1, from, depth, zero.data(), around);
      spread<OfInput>(around, depth, inputs + t * depth, apart);
    }
    for (int64_t w = 0; w < width; w += strip) {
      const int64_t wide = std::min(strip, width - w), results_apart = distance(count * wide);
      for (int64_t p = 0; p < positions; p++)
        products.rows(inputs + p * apart, count, weights + p * matrix + w * depth, depth, wide,
                      results + p * results_apart, nullptr, rest);
      float* outputs[tile_outputs * tile_outputs];
      for (int64_t t = 0; t < count; t++) {
        tiles.pixels<tile_outputs, float>(begin + t, 0, to, width, nullptr, outputs);
        for (auto*& one : outputs)
          if (one) one += w;
        collect(results + t * wide, results_apart, wide, outputs);
      }
    }
  });
  return y;
}

at::Tensor weight_gradient(const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight) {
  const Tiles tiles(x);
  const int64_t outputs = weight.size(0), inputs = weight.size(1), matrix = outputs * inputs;
  const std::vector<float> zero(std::max(inputs, outputs));
  const auto* from = x.data_ptr<float>();
  const auto* given = grad.data_ptr<float>();
  const auto& products = products_of_floats();
  // As many tiles as the last cache holds of both sides.
  const int64_t most = std::max<int64_t>(32, 16384 / (inputs + outputs)), together = 8;
  const int64_t left_apart = distance(most * outputs), right_apart = distance(most * inputs), apart = distance(matrix);
  const auto scratch = floats(positions * (left_apart + right_apart)), sums = floats(positions * apart);
  auto *left = scratch.data_ptr<float>(), *right = left + positions * left_apart, *sum = sums.data_ptr<float>();
  for (int64_t first = 0; first < tiles.count; first += most) {
    const int64_t count = std::min(most, tiles.count - first);
    deal_ranges(count, together, [&](int64_t begin, int64_t end) {
      const float* around[positions];
      for (int64_t t = begin; t < end; t++) {
        tiles.pixels<tile_outputs>(first + t, 0, given, outputs, zero.data(), around);
        spread<OfOutputGradient>(around, outputs, left + t * outputs, left_apart);
        tiles.pixels<tile_inputs>(first + t, 1, from, inputs, zero.data(), around);
        spread<OfInput>(around, inputs, right + t * inputs, right_apart);
      }
    });
    deal(positions, [&](int64_t p) {
      products.outer(left + p * left_apart, right + p * right_apart, count, outputs, inputs, first > 0, sum + p * apart,
                     nullptr);
    });
  }
  auto result = at::empty(weight.sizes(), sums.options(), at::MemoryFormat::ChannelsLast);
  auto* to = result.data_ptr<float>();
  deal(outputs, [&](int64_t k) { collect_weights(sum + k * inputs, apart, inputs, to + k * 9 * inputs); });
  return result;
}

// Elsewhere the loops of this file would be slower than libtorch's.
bool has_vectors() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

bool has_loops(const at::Tensor& x, const at::Tensor& weight) {
  static const bool vectors = has_vectors();
  if (!vectors || !x.device().is_cpu() || !weight.device().is_cpu() || x.layout() != at::kStrided) return false;
  if (x.scalar_type() != at::kFloat || weight.scalar_type() != at::kFloat) return false;
  if (x.dim() != 4 || weight.dim() != 4 || x.numel() == 0 || !x.is_contiguous(at::MemoryFormat::ChannelsLast)) return false;
  return weight.size(2) == 3 && weight.size(3) == 3 && weight.size(1) == x.size(1) && x.size(1) % lanes == 0 &&
         weight.size(0) % lanes == 0 && weight.size(0) > 0;
}

at::Tensor formula(const at::Tensor& x, const at::Tensor& weight) { return at::conv2d(x, weight, {}, 1, 1); }

at::Tensor with_loops(const at::Tensor& x, const at::Tensor& weight, bool back) {
  return filtered(x, packed_weights(weight, back), weight.size(back ? 1 : 0));
}

at::Tensor conv3x3(const at::Tensor& x, const at::Tensor& weight) {
  return has_loops(x, weight) ? with_loops(x, weight, false) : formula(x, weight);
}

struct Conv3x3 : torch::autograd::Function<Conv3x3> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({x, weight});
    return conv3x3(x, weight);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    RECORD_FUNCTION("arcface::conv2d_3x3_backward", std::vector<c10::IValue>({grads[0]}));
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1];
    if (at::GradMode::is_enabled())
      return gradients_again(formula(x, weight), {x, weight}, grads[0]);
    const auto grad = grads[0].contiguous(at::MemoryFormat::ChannelsLast);
    torch::autograd::variable_list result(2);
    if (x.requires_grad()) result[0] = with_loops(grad, weight, true);
    if (weight.requires_grad()) result[1] = weight_gradient(grad, x, weight);
    return result;
  }
};

at::Tensor differentiable(const at::Tensor& x, const at::Tensor& weight) {
  return has_loops(x, weight) ? Conv3x3::apply(x, weight) : formula(x, weight);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) { m.impl("conv2d_3x3", conv3x3); }
TORCH_LIBRARY_IMPL(arcface, Autograd, m) { m.impl("conv2d_3x3", differentiable); }

}  // namespace arcface
