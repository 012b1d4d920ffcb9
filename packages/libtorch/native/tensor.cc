// What a tensor tells of itself.
#include "bridge.h"

namespace bridge {

namespace {

const at::Tensor& self(napi_env env, napi_callback_info info) {
  return unwrap_tensor(env, arguments(env, info)[0], "self");
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

napi_value entrust_to_collector(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    Handle* handle;
    if (is_handle(env, args[0], &handle)) entrust(env, handle);
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

napi_value live_tensors(napi_env env, napi_callback_info) { return from_int(env, live_handles()); }

napi_value shape(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return from_shape(env, self(env, info).sizes()); });
}
napi_value strides(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return from_shape(env, self(env, info).strides()); });
}
napi_value dtype(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return from_string(env, dtype_name(self(env, info).scalar_type())); });
}
napi_value device(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return from_string(env, self(env, info).device().str()); });
}

struct DTypeName {
  const char* name;
  at::ScalarType type;
};
const DTypeName dtypes[] = {
    {"float32", at::kFloat}, {"float64", at::kDouble}, {"float16", at::kHalf}, {"bfloat16", at::kBFloat16},
    {"int64", at::kLong},    {"int32", at::kInt},      {"int16", at::kShort},  {"int8", at::kChar},
    {"uint8", at::kByte},    {"bool", at::kBool},
};

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

at::Device to_device(napi_env env, napi_value value, const char* name) {
  const auto text = to_string(env, value, name);
  try {
    return at::Device(text);
  } catch (const c10::Error&) {
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": no device is called " + text + "; cpu, cuda or cuda:1 are names");
  }
}

napi_value from_shape(napi_env env, at::IntArrayRef shape) {
  napi_value result;
  napi_create_array_with_length(env, shape.size(), &result);
  for (size_t i = 0; i < shape.size(); i++) napi_set_element(env, result, i, from_int(env, shape[i]));
  return result;
}

void register_tensor(napi_env env, napi_value exports) {
  define(env, exports, "dispose", dispose);
  define(env, exports, "entrust", entrust_to_collector);
  define(env, exports, "disposed", disposed);
  define(env, exports, "liveTensors", live_tensors);
  define(env, exports, "shape", shape);
  define(env, exports, "strides", strides);
  define(env, exports, "dtype", dtype);
  define(env, exports, "device", device);
}

}  // namespace bridge
