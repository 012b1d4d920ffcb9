// What the dispatcher does not reach: the engine of autograd and its modes.
#include "bridge.h"

#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

namespace bridge {

namespace {

const at::Tensor& self(napi_env env, const Args& args) { return unwrap_tensor(env, args[0], "self"); }

napi_value requires_grad(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return from_bool(env, self(env, arguments(env, info)).requires_grad()); });
}
napi_value set_requires_grad(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    self(env, args).requires_grad_(to_bool(env, args[1], "requiresGrad"));
    return nullptr;
  });
}
napi_value gradient(napi_env env, napi_callback_info info) {
  return guard(env, [&] { return wrap(env, self(env, arguments(env, info)).grad()); });
}
napi_value set_gradient(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    const auto& tensor = self(env, args);
    at::Tensor gradient;
    if (!is_nothing(env, args[1])) {
      gradient = unwrap_tensor(env, args[1], "grad");
      if (gradient.sizes() != tensor.sizes() || gradient.scalar_type() != tensor.scalar_type() ||
          gradient.device() != tensor.device())
        fail(env, "TORCH_SHAPE", "grad: " + describe(gradient) + " is no gradient of " + describe(tensor));
    }
    tensor.mutable_grad() = gradient;
    return nullptr;
  });
}

// A list of tensors, or nothing.
std::vector<at::Tensor> optional_tensors(napi_env env, napi_value value, const char* name) {
  return is_nothing(env, value) ? std::vector<at::Tensor>() : to_tensors(env, value, name);
}

// backward(tensors, gradients | null, retainGraph, createGraph)
napi_value backward(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    torch::autograd::backward(to_tensors(env, args[0], "tensors"), optional_tensors(env, args[1], "gradients"),
                              to_bool(env, args[2], "retainGraph"), to_bool(env, args[3], "createGraph"));
    return nullptr;
  });
}

// grad(outputs, inputs, gradients | null, retainGraph, createGraph, allowUnused)
napi_value grad(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    Args args = arguments(env, info);
    return from_tensors(env, torch::autograd::grad(to_tensors(env, args[0], "outputs"), to_tensors(env, args[1], "inputs"),
                                                   optional_tensors(env, args[2], "gradients"),
                                                   to_bool(env, args[3], "retainGraph"), to_bool(env, args[4], "createGraph"),
                                                   to_bool(env, args[5], "allowUnused")));
  });
}

napi_value grad_enabled(napi_env env, napi_callback_info) { return from_bool(env, c10::GradMode::is_enabled()); }
napi_value set_grad_enabled(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    c10::GradMode::set_enabled(to_bool(env, arguments(env, info)[0], "enabled"));
    return nullptr;
  });
}

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool autocast_enabled(at::DeviceType device) { return at::autocast::is_autocast_enabled(device); }
at::ScalarType autocast_dtype(at::DeviceType device) { return at::autocast::get_autocast_dtype(device); }
void set_autocast(at::DeviceType device, bool enabled, at::ScalarType dtype) {
  at::autocast::set_autocast_enabled(device, enabled);
  at::autocast::set_autocast_dtype(device, dtype);
}
#else
bool autocast_enabled(at::DeviceType device) {
  return device == at::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
}
at::ScalarType autocast_dtype(at::DeviceType device) {
  return device == at::kCPU ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype();
}
void set_autocast(at::DeviceType device, bool enabled, at::ScalarType dtype) {
  if (device == at::kCPU) {
    at::autocast::set_cpu_enabled(enabled);
    at::autocast::set_autocast_cpu_dtype(dtype);
  } else {
    at::autocast::set_enabled(enabled);
    at::autocast::set_autocast_gpu_dtype(dtype);
  }
}
#endif

// autocastState(device): the dtype in force, or null.
napi_value autocast_state(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    const auto device = to_device(env, arguments(env, info)[0], "device").type();
    napi_value null;
    napi_get_null(env, &null);
    return autocast_enabled(device) ? from_string(env, dtype_name(autocast_dtype(device))) : null;
  });
}

// setAutocast(device, dtype | null); leaving it clears the cache of cast weights.
napi_value change_autocast(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    const auto device = to_device(env, args[0], "device").type();
    const bool on = !is_nothing(env, args[1]);
    set_autocast(device, on, on ? to_dtype(env, to_string(env, args[1], "dtype")) : autocast_dtype(device));
    at::autocast::clear_cache();
    return nullptr;
  });
}

}  // namespace

void register_autograd(napi_env env, napi_value exports) {
  define(env, exports, "requiresGrad", requires_grad);
  define(env, exports, "setRequiresGrad", set_requires_grad);
  define(env, exports, "gradient", gradient);
  define(env, exports, "setGradient", set_gradient);
  define(env, exports, "backward", backward);
  define(env, exports, "grad", grad);
  define(env, exports, "gradEnabled", grad_enabled);
  define(env, exports, "setGradEnabled", set_grad_enabled);
  define(env, exports, "autocastState", autocast_state);
  define(env, exports, "setAutocast", change_autocast);
}

}  // namespace bridge
