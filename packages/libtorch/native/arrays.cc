// Tensors from and to JavaScript's memory.
#include "bridge.h"

#include <memory>
#include <mutex>
#include <thread>

namespace bridge {

namespace {

// Keeps the JavaScript arrays that libtorch reads in place. Their storage may die on any thread and even after
// the environment; a reference may be deleted on the environment's own thread only.
class Kept {
 public:
  explicit Kept(napi_env env) : env_(env), owner_(std::this_thread::get_id()) {}

  void release(napi_ref reference) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!alive_) return;
    if (std::this_thread::get_id() == owner_) napi_delete_reference(env_, reference);
    else waiting_.push_back(reference);
  }
  // Deletes what other threads released.
  void drain() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto reference : waiting_) napi_delete_reference(env_, reference);
    waiting_.clear();
  }
  // Node deletes the references of an environment that ends.
  void end() {
    std::lock_guard<std::mutex> lock(mutex_);
    alive_ = false;
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  const napi_env env_;
  const std::thread::id owner_;
  bool alive_ = true;
  std::vector<napi_ref> waiting_;
};

thread_local std::shared_ptr<Kept> kept;

void end_environment(void* data) {
  std::unique_ptr<std::shared_ptr<Kept>> ended(static_cast<std::shared_ptr<Kept>*>(data));
  (*ended)->end();
}

napi_typedarray_type array_of(napi_env env, at::ScalarType type) {
  switch (type) {
    case at::kFloat: return napi_float32_array;
    case at::kDouble: return napi_float64_array;
    case at::kHalf:
    case at::kBFloat16: return napi_uint16_array;
    case at::kLong: return napi_bigint64_array;
    case at::kInt: return napi_int32_array;
    case at::kShort: return napi_int16_array;
    case at::kChar: return napi_int8_array;
    case at::kByte:
    case at::kBool: return napi_uint8_array;
    default: fail(env, "TORCH_ARGUMENT", std::string("no JavaScript array holds ") + at::toString(type));
  }
}

std::vector<int64_t> to_shape(napi_env env, napi_value value, size_t length) {
  std::vector<int64_t> shape;
  double count = 1;
  for (auto item : to_array(env, value, "shape")) {
    shape.push_back(to_int(env, item, "shape"));
    if (shape.back() < 0) fail(env, "TORCH_SHAPE", "fromTypedArray: a side of the shape is negative");
    count *= static_cast<double>(shape.back());
  }
  if (count != static_cast<double>(length))
    fail(env, "TORCH_SHAPE", "fromTypedArray: the array has " + std::to_string(length) + " values, the shape wants " +
                                 std::to_string(static_cast<int64_t>(std::min(count, 9e15))));
  return shape;
}

// fromTypedArray(array, dtype, shape, share): one copy, on the default device; or none with share.
napi_value from_typed_array(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    kept->drain();
    napi_typedarray_type type;
    size_t length, offset;
    void* data;
    napi_value buffer;
    check(env, napi_get_typedarray_info(env, args[0], &type, &length, &data, &buffer, &offset),
          "fromTypedArray: expected a typed array");
    const auto dtype = to_dtype(env, to_string(env, args[1], "dtype"));
    if (array_of(env, dtype) != type && !(type == napi_uint8_clamped_array && dtype == at::kByte))
      fail(env, "TORCH_ARGUMENT", std::string("fromTypedArray: this array does not hold ") + dtype_name(dtype));
    const auto shape = to_shape(env, args[2], length);
    const auto options = at::TensorOptions().dtype(dtype);
    if (!to_bool(env, args[3], "share")) {
      auto copy = at::empty(shape, options);
      if (length) std::memcpy(copy.data_ptr(), data, copy.nbytes());
      return wrap(env, copy.to(default_device));
    }
    napi_ref reference;
    check(env, napi_create_reference(env, args[0], 1, &reference), "fromTypedArray: no reference");
    const auto release = [keeper = kept, reference](void*) { keeper->release(reference); };
    return wrap(env, at::from_blob(data, shape, release, options));
  });
}

// toTypedArray(tensor): a copy in row-major order, from any device and layout.
napi_value to_typed_array(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    const auto& tensor = unwrap_tensor(env, args[0], "self");
    const auto type = array_of(env, tensor.scalar_type());
    void* data;
    napi_value buffer, result;
    check(env, napi_create_arraybuffer(env, tensor.nbytes(), &data, &buffer), "out of memory for an ArrayBuffer");
    if (tensor.numel()) {
      at::NoGradGuard no_grad;
      at::from_blob(data, tensor.sizes(), at::TensorOptions().dtype(tensor.scalar_type())).copy_(tensor);
    }
    check(env, napi_create_typedarray(env, type, tensor.numel(), buffer, 0, &result), "no typed array of this size");
    return result;
  });
}

// asTypedArray(tensor): the tensor's own memory, which lives as long as the array does.
napi_value as_typed_array(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    const auto& tensor = unwrap_tensor(env, args[0], "self");
    if (!tensor.device().is_cpu() || !tensor.is_contiguous())
      fail(env, "TORCH_ARGUMENT", "asTypedArray: wants a contiguous tensor on the CPU; use toTypedArray");
    const auto type = array_of(env, tensor.scalar_type());
    napi_value buffer, result;
    if (tensor.numel() == 0) {
      check(env, napi_create_arraybuffer(env, 0, nullptr, &buffer), "no ArrayBuffer");
    } else {
      auto* owner = new at::Tensor(tensor.detach());
      const auto status = napi_create_external_arraybuffer(
          env, owner->data_ptr(), owner->nbytes(),
          [](napi_env, void*, void* hint) { delete static_cast<at::Tensor*>(hint); }, owner, &buffer);
      if (status != napi_ok) {
        delete owner;
        fail(env, "TORCH_ENGINE", "this Node allows no external memory; use toTypedArray");
      }
    }
    check(env, napi_create_typedarray(env, type, tensor.numel(), buffer, 0, &result), "no typed array of this size");
    return result;
  });
}

}  // namespace

void register_arrays(napi_env env, napi_value exports) {
  kept = std::make_shared<Kept>(env);
  napi_add_env_cleanup_hook(env, end_environment, new std::shared_ptr<Kept>(kept));
  define(env, exports, "fromTypedArray", from_typed_array);
  define(env, exports, "toTypedArray", to_typed_array);
  define(env, exports, "asTypedArray", as_typed_array);
}

}  // namespace bridge
