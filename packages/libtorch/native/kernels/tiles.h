// Products (products.h) in tiles that stay in registers: 6 rows by a few vectors of columns. The inner loop takes a value
// of each row and multiplies it with the vectors of one row of the matrix, which is packed in strips as wide as a tile.
// Included by the file of each processor (products_*.cc), all of which is compiled for that processor.
#pragma once

#include "products.h"
#include "statistics.h"

#include <type_traits>

namespace arcface {
namespace {

constexpr int down = 6;

template <typename V, typename T>
ARCFACE_BODY V take(const T* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename V, typename T>
ARCFACE_BODY void put(const V& value, T* to) {
  std::memcpy(to, &value, sizeof value);
}

template <int lanes>
struct Vectors;
template <>
struct Vectors<8> {
  typedef float Vector __attribute__((vector_size(32)));
  typedef uint32_t Bits __attribute__((vector_size(32)));
  typedef uint16_t Halves __attribute__((vector_size(16)));
};
template <>
struct Vectors<16> {
  typedef float Vector __attribute__((vector_size(64)));
  typedef uint32_t Bits __attribute__((vector_size(64)));
  typedef uint16_t Halves __attribute__((vector_size(32)));
};

// float32. A tile is `across` vectors wide; a unit is what one multiplication takes of a row.
template <int lanes_, int across_>
struct Floats : Vectors<lanes_> {
  static constexpr int lanes = lanes_, across = across_, values_a_unit = 1;
  typedef typename Vectors<lanes_>::Vector Vector;
  typedef float Unit;
  typedef float Value;

  ARCFACE_BODY Vector multiply_add(const Vector& sum, Unit a, const Vector& b) { return sum + a * b; }
  // What is there afterwards.
  ARCFACE_BODY Vector store(const Vector& value, float* to) {
    put(value, to);
    return value;
  }
  static float unit(const float* first, int64_t) { return *first; }
  static const Unit* rows_in(const void* rows, int64_t, Unit*) { return static_cast<const Unit*>(rows); }
  static const Unit* columns_in(const void* rows, int64_t, int64_t, Unit*) { return static_cast<const Unit*>(rows); }
};

// bfloat16 that is widened first.
template <int lanes_, int across_>
struct Widened : Floats<lanes_, across_> {
  typedef typename Vectors<lanes_>::Vector Vector;
  typedef typename Vectors<lanes_>::Bits Bits;
  typedef typename Vectors<lanes_>::Halves Halves;
  typedef uint16_t Value;

  ARCFACE_BODY Vector store(const Vector& value, uint16_t* to) {
    const Bits bits = take<Bits>(&value), number = (Bits)(value == value);
    const Bits half = (((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) & number) | (0x7fc0 & ~number);
    put(__builtin_convertvector(half, Halves), to);
    const Bits wide = half << 16;
    return take<Vector>(&wide);
  }
  static const float* rows_in(const void* rows, int64_t values, float* wide) {
    const auto* from = static_cast<const uint16_t*>(rows);
    for (int64_t i = 0; i < values; i++) wide[i] = widen(from[i]);
    return wide;
  }
  static const float* columns_in(const void* rows, int64_t count, int64_t width, float* wide) {
    return rows_in(rows, count * width, wide);
  }
};

// c[row][column] = sum over `depth` units of a[row][unit] b[unit][column].
template <class M, int rows, int across>
ARCFACE_BODY void multiply(typename M::Vector (&c)[rows][across], const typename M::Unit* a, int64_t a_row,
                           int64_t a_step, const typename M::Unit* b, int64_t b_step, int64_t depth) {
  typedef typename M::Vector Vector;
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < across; j++) c[r][j] = Vector{};
  for (int64_t k = 0; k < depth; k++) {
    Vector columns[across];
    for (int j = 0; j < across; j++) columns[j] = take<Vector>(b + k * b_step + j * M::lanes);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
      for (int j = 0; j < across; j++) c[r][j] = M::multiply_add(c[r][j], a[r * a_row + k * a_step], columns[j]);
  }
}

// Sums of distances from the first row, which is kept beside them (`sums`: [3, width]).
template <class M, int rows, int across>
ARCFACE_BODY void add_moments(const typename M::Vector (&c)[rows][across], bool first, float* sums, int64_t width) {
  typedef typename M::Vector Vector;
  for (int j = 0; j < across; j++) {
    float *from = sums + j * M::lanes, *sum = from + width, *square = sum + width;
    if (first) {
      put(c[0][j], from);
      put(Vector{}, sum);
      put(Vector{}, square);
    }
    const Vector point = take<Vector>(from);
    Vector all = take<Vector>(sum), squares = take<Vector>(square);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
      const Vector apart = c[r][j] - point;
      all += apart;
      squares += apart * apart;
    }
    put(all, sum);
    put(squares, square);
  }
}

template <int value>
using Number = std::integral_constant<int, value>;

// Calls `tile` with as many rows and vectors as are left, at most a whole tile.
template <int across, typename F>
void with_rows(int64_t rows, const F& tile) {
  switch (rows) {
    case 1: return tile(Number<1>(), Number<across>());
    case 2: return tile(Number<2>(), Number<across>());
    case 3: return tile(Number<3>(), Number<across>());
    case 4: return tile(Number<4>(), Number<across>());
    case 5: return tile(Number<5>(), Number<across>());
    default: return tile(Number<down>(), Number<across>());
  }
}
template <class M, typename F>
void with_tile(int64_t rows, int64_t columns, const F& tile) {
  const int64_t vectors = columns / M::lanes;
  if (vectors >= M::across) return with_rows<M::across>(rows, tile);
  if (vectors == 1) return with_rows<1>(rows, tile);
  if (vectors == 2) return with_rows<(M::across > 2 ? 2 : 1)>(rows, tile);
  with_rows<(M::across > 3 ? 3 : 1)>(rows, tile);
}

template <class M>
void pack(const float* matrix, int64_t depth_stride, int64_t width_stride, int64_t depth, int64_t width, void* packed) {
  constexpr int64_t strip = M::across * M::lanes;
  auto* to = static_cast<typename M::Unit*>(packed);
  for (int64_t at = 0; at < width; at += strip)
    for (int64_t d = 0; d < depth; d += M::values_a_unit)
      for (int64_t w = at; w < width && w < at + strip; w++)
        *to++ = M::unit(matrix + d * depth_stride + w * width_stride, depth_stride);
}

template <class M>
void rows(const void* a, int64_t count, const void* packed, int64_t depth, int64_t width, void* out, float* part,
          float* scratch) {
  constexpr int64_t strip = M::across * M::lanes;
  typedef typename M::Unit Unit;
  float* sums = scratch;
  const Unit* from = M::rows_in(a, count * depth, reinterpret_cast<Unit*>(scratch + 3 * width));
  auto* to = static_cast<typename M::Value*>(out);
  const int64_t units = depth / M::values_a_unit;
  for (int64_t r = 0; r < count; r += down)
    for (int64_t w = 0; w < width; w += strip)
      with_tile<M>(count - r, width - w, [&](auto rows, auto across) {
        constexpr int height = decltype(rows)::value, vectors = decltype(across)::value;
        typename M::Vector c[height][vectors];
        multiply<M>(c, from + r * units, units, 1, static_cast<const Unit*>(packed) + w * units, vectors * M::lanes,
                    units);
#pragma GCC unroll 6
        for (int i = 0; i < height; i++)
#pragma GCC unroll 4
          for (int j = 0; j < vectors; j++) c[i][j] = M::store(c[i][j], to + (r + i) * width + w + j * M::lanes);
        if (part) add_moments<M>(c, r == 0, sums + w, width);
      });
  if (part) close_part(part, width, count, sums, sums + width, sums + 2 * width);
}

template <class M>
void outer(const void* d, const void* x, int64_t count, int64_t n, int64_t k, bool add, float* out, float* scratch) {
  constexpr int64_t strip = M::across * M::lanes;
  typedef typename M::Unit Unit;
  typedef typename M::Vector Vector;
  const int64_t units = (count + M::values_a_unit - 1) / M::values_a_unit;
  const Unit* left = M::columns_in(d, count, n, reinterpret_cast<Unit*>(scratch));
  const Unit* right = M::columns_in(x, count, k, reinterpret_cast<Unit*>(scratch) + units * n);
  for (int64_t column = 0; column < k; column += strip)
    for (int64_t row = 0; row < n; row += down)
      with_tile<M>(n - row, k - column, [&](auto rows, auto across) {
        constexpr int height = decltype(rows)::value, vectors = decltype(across)::value;
        Vector c[height][vectors];
        multiply<M>(c, left + row, 1, n, right + column, k, units);
#pragma GCC unroll 6
        for (int i = 0; i < height; i++)
#pragma GCC unroll 4
          for (int j = 0; j < vectors; j++) {
            float* to = out + (row + i) * k + column + j * M::lanes;
            put(add ? take<Vector>(to) + c[i][j] : c[i][j], to);
          }
      });
}

template <class M>
constexpr Products table() {
  return {pack<M>, rows<M>, outer<M>};
}

}  // namespace
}  // namespace arcface
