// Handles of tensors, and tensors from and to JavaScript's memory.
#include "bridge.h"

#include <atomic>
#include <mutex>

namespace bridge {

namespace {
std::atomic<int64_t> live{0};

// JavaScript buffers that libtorch reads in place. Their storage may die on any thread,
// a Node reference may be deleted on Node's only: so the dead wait here for the next call.
std::mutex released_mutex;
std::vector<std::pair<napi_env, napi_ref>> released;

void drop_released(napi_env env) {
  std::lock_guard<std::mutex> lock(released_mutex);
  for (size_t i = 0; i < released.size();) {
    if (released[i].first == env) {
      napi_delete_reference(env, released[i].second);
      released[i] = released.back();
      released.pop_back();
    } else {
      i++;
    }
  }
}

void forget(napi_env env, Handle* handle) {
  if (!handle->tensor.defined()) return;
  handle->tensor = at::Tensor();
  live--;
  if (handle->accounted) {
    int64_t now;
    napi_adjust_external_memory(env, -handle->accounted, &now);
    handle->accounted = 0;
  }
}

void finalize(napi_env env, void* data, void*) {
  auto* handle = static_cast<Handle*>(data);
  forget(env, handle);
  delete handle;
}

napi_value external(napi_env env, Handle* handle) {
  napi_value result;
  if (napi_create_external(env, handle, finalize, nullptr, &result) != napi_ok) {
    finalize(env, handle, nullptr);
    fail(env, "TORCH_ENGINE", "Node refused a handle for a tensor");
  }
  return result;
}

struct DTypeName {
  const char* name;
  at::ScalarType type;
  napi_typedarray_type array;
};
const DTypeName dtypes[] = {
    {"float32", at::kFloat, napi_float32_array},   {"float64", at::kDouble, napi_float64_array},
    {"float16", at::kHalf, napi_uint16_array},     {"bfloat16", at::kBFloat16, napi_uint16_array},
    {"int64", at::kLong, napi_bigint64_array},     {"int32", at::kInt, napi_int32_array},
    {"int16", at::kShort, napi_int16_array},       {"int8", at::kChar, napi_int8_array},
    {"uint8", at::kByte, napi_uint8_array},        {"bool", at::kBool, napi_uint8_array},
};

const DTypeName& entry(napi_env env, at::ScalarType type) {
  for (const auto& item : dtypes)
    if (item.type == type) return item;
  fail(env, "TORCH_ARGUMENT", std::string("no JavaScript array holds ") + at::toString(type));
}

// fromTypedArray(array, dtype, shape, share): one copy, or none with share.
napi_value from_typed_array(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    drop_released(env);
    napi_typedarray_type type;
    size_t length, offset;
    void* data;
    napi_value buffer;
    check(env, napi_get_typedarray_info(env, args[0], &type, &length, &data, &buffer, &offset),
          "fromTypedArray: expected a typed array");
    auto dtype = to_dtype(env, to_string(env, args[1]));
    if (entry(env, dtype).array != type && !(type == napi_uint8_clamped_array && dtype == at::kByte))
      fail(env, "TORCH_ARGUMENT", std::string("fromTypedArray: this array does not hold ") + dtype_name(dtype));
    std::vector<int64_t> shape;
    int64_t count = 1;
    for (auto item : to_array(env, args[2], "shape")) {
      shape.push_back(to_int(env, item, "shape"));
      if (shape.back() < 0) fail(env, "TORCH_SHAPE", "fromTypedArray: a side of the shape is negative");
      count *= shape.back();
    }
    if (count != static_cast<int64_t>(length))
      fail(env, "TORCH_SHAPE", "fromTypedArray: the array has " + std::to_string(length) +
                                   " values, the shape wants " + std::to_string(count));
    auto options = at::TensorOptions().dtype(dtype);
    if (!to_bool(env, args[3], "share")) {
      auto copy = at::empty(shape, options);
      if (length) std::memcpy(copy.data_ptr(), data, copy.nbytes());
      return wrap(env, copy);
    }
    napi_ref reference;
    check(env, napi_create_reference(env, args[0], 1, &reference), "fromTypedArray: no reference");
    auto release = [env, reference](void*) {
      std::lock_guard<std::mutex> lock(released_mutex);
      released.emplace_back(env, reference);
    };
    return wrap(env, at::from_blob(data, shape, release, options));
  });
}

// toTypedArray(tensor): a copy in row-major order, from any device and layout.
napi_value to_typed_array(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    const auto& tensor = unwrap_tensor(env, args[0], "self");
    const auto& type = entry(env, tensor.scalar_type());
    void* data;
    napi_value buffer, result;
    check(env, napi_create_arraybuffer(env, tensor.nbytes(), &data, &buffer), "out of memory for an ArrayBuffer");
    if (tensor.numel()) {
      at::NoGradGuard no_grad;
      at::from_blob(data, tensor.sizes(), at::TensorOptions().dtype(tensor.scalar_type())).copy_(tensor);
    }
    napi_create_typedarray(env, type.array, tensor.numel(), buffer, 0, &result);
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
    const auto& type = entry(env, tensor.scalar_type());
    auto* keep = new at::Tensor(tensor.detach());
    napi_value buffer, result;
    auto status = napi_create_external_arraybuffer(
        env, keep->data_ptr(), keep->nbytes(),
        [](napi_env, void*, void* hint) { delete static_cast<at::Tensor*>(hint); }, keep, &buffer);
    if (status != napi_ok) {
      delete keep;
      fail(env, "TORCH_ENGINE", "this Node allows no external memory; use toTypedArray");
    }
    napi_create_typedarray(env, type.array, tensor.numel(), buffer, 0, &result);
    return result;
  });
}

napi_value dispose(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    for (size_t i = 0; i < args.count; i++) {
      Handle* handle;
      if (is_handle(env, args[i], &handle)) forget(env, handle);
    }
    return nullptr;
  });
}

napi_value disposed(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    Handle* handle;
    return from_bool(env, !is_handle(env, args[0], &handle) || !handle->tensor.defined());
  });
}

napi_value live_tensors(napi_env env, napi_callback_info) { return from_int(env, live.load()); }

napi_value shape(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return from_shape(env, unwrap_tensor(env, arguments(env, info)[0], "self").sizes()); });
}
napi_value strides(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return from_shape(env, unwrap_tensor(env, arguments(env, info)[0], "self").strides()); });
}
napi_value dtype(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    return from_string(env, dtype_name(unwrap_tensor(env, arguments(env, info)[0], "self").scalar_type()));
  });
}
napi_value device(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    return from_string(env, unwrap_tensor(env, arguments(env, info)[0], "self").device().str());
  });
}
}  // namespace

const char* dtype_name(at::ScalarType type) {
  for (const auto& item : dtypes)
    if (item.type == type) return item.name;
  return at::toString(type);
}

at::ScalarType to_dtype(napi_env env, const std::string& name) {
  for (const auto& item : dtypes)
    if (name == item.name) return item.type;
  fail(env, "TORCH_ARGUMENT", "unknown dtype " + name);
}

bool is_handle(napi_env env, napi_value value, Handle** out) {
  void* data;
  if (napi_get_value_external(env, value, &data) != napi_ok) return false;
  *out = static_cast<Handle*>(data);
  return true;
}

napi_value wrap(napi_env env, at::Tensor tensor) {
  if (!tensor.defined()) {
    napi_value null;
    napi_get_null(env, &null);
    return null;
  }
  // Views share their base's memory, which is counted once, there.
  const int64_t bytes = tensor.is_view() || !tensor.device().is_cpu() ? 0 : tensor.nbytes();
  auto* handle = new Handle{Handle::Kind::tensor, std::move(tensor), {}, bytes};
  live++;
  if (bytes) {
    int64_t now;
    napi_adjust_external_memory(env, bytes, &now);
  }
  return external(env, handle);
}

napi_value wrap(napi_env env, at::Generator generator) {
  return external(env, new Handle{Handle::Kind::generator, {}, std::move(generator), 0});
}

const at::Tensor& unwrap_tensor(napi_env env, napi_value value, const char* name) {
  Handle* handle;
  if (!is_handle(env, value, &handle) || handle->kind != Handle::Kind::tensor)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected a tensor");
  if (!handle->tensor.defined())
    fail(env, "TORCH_DISPOSED", std::string(name) +
                                    ": this tensor was disposed of; return it from its scope or keep() it");
  return handle->tensor;
}

const at::Generator& unwrap_generator(napi_env env, napi_value value, const char* name) {
  Handle* handle;
  if (!is_handle(env, value, &handle) || handle->kind != Handle::Kind::generator)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected a generator");
  return handle->generator;
}

std::vector<at::Tensor> to_tensors(napi_env env, napi_value value, const char* name) {
  std::vector<at::Tensor> tensors;
  for (auto item : to_array(env, value, name)) tensors.push_back(unwrap_tensor(env, item, name));
  return tensors;
}

napi_value from_tensors(napi_env env, const std::vector<at::Tensor>& tensors) {
  napi_value result;
  napi_create_array_with_length(env, tensors.size(), &result);
  for (size_t i = 0; i < tensors.size(); i++) napi_set_element(env, result, i, wrap(env, tensors[i]));
  return result;
}

napi_value from_shape(napi_env env, at::IntArrayRef shape) {
  napi_value result;
  napi_create_array_with_length(env, shape.size(), &result);
  for (size_t i = 0; i < shape.size(); i++) napi_set_element(env, result, i, from_int(env, shape[i]));
  return result;
}

void register_tensor(napi_env env, napi_value exports) {
  define(env, exports, "fromTypedArray", from_typed_array);
  define(env, exports, "toTypedArray", to_typed_array);
  define(env, exports, "asTypedArray", as_typed_array);
  define(env, exports, "dispose", dispose);
  define(env, exports, "disposed", disposed);
  define(env, exports, "liveTensors", live_tensors);
  define(env, exports, "shape", shape);
  define(env, exports, "strides", strides);
  define(env, exports, "dtype", dtype);
  define(env, exports, "device", device);
}

}  // namespace bridge
