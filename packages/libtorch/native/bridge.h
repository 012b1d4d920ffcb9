// What the files of the add-on share. Everything here runs on the thread of the JavaScript that called, unless a
// comment says otherwise; each worker thread has an environment, handles and numbers of operators of its own.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <node_api.h>

#include <string>
#include <vector>

namespace bridge {

// A pending JavaScript exception; `guard` turns every other C++ exception into one.
struct Pending {};

// Throws a coded JavaScript error (and Pending in C++).
[[noreturn]] void fail(napi_env env, const std::string& code, const std::string& message);

inline void check(napi_env env, napi_status status, const char* what) {
  if (status != napi_ok) fail(env, "TORCH_ARGUMENT", what);
}

// What a JavaScript external points to. `tensor` is empty once it was disposed of.
struct Handle {
  enum class Kind { tensor, generator };
  Kind kind;
  at::Tensor tensor;
  at::Generator generator;
  const void* storage;  // under which the tensor's memory is accounted, or null
};

napi_value wrap(napi_env env, at::Tensor tensor);  // null for an undefined tensor
napi_value wrap(napi_env env, at::Generator generator);
const at::Tensor& unwrap_tensor(napi_env env, napi_value value, const char* name);
const at::Generator& unwrap_generator(napi_env env, napi_value value, const char* name);
// False for what is no handle of ours, be it another add-on's.
bool is_handle(napi_env env, napi_value value, Handle** out);
// Frees the tensor of a handle; the handle stays.
void forget(napi_env env, Handle* handle);
// Tells the garbage collector of the tensor's memory: it alone may free it from here on.
void entrust(napi_env env, Handle* handle);
int64_t live_handles();

// Plain values.
bool is_nothing(napi_env env, napi_value value);  // undefined or null
std::string to_string(napi_env env, napi_value value, const char* name);
int64_t to_int(napi_env env, napi_value value, const char* name);
bool to_bool(napi_env env, napi_value value, const char* name);
std::vector<napi_value> to_array(napi_env env, napi_value value, const char* name);
std::vector<at::Tensor> to_tensors(napi_env env, napi_value value, const char* name);
napi_value from_tensors(napi_env env, const std::vector<at::Tensor>& tensors);
napi_value from_string(napi_env env, const std::string& value);
napi_value from_bool(napi_env env, bool value);
napi_value from_double(napi_env env, double value);
napi_value from_int(napi_env env, int64_t value);
napi_value from_shape(napi_env env, at::IntArrayRef shape);
at::ScalarType to_dtype(napi_env env, const std::string& name);
const char* dtype_name(at::ScalarType type);
at::Device to_device(napi_env env, napi_value value, const char* name);
// Where tensors are made that are asked for without a device.
extern c10::Device default_device;

// Arguments and results by schema type (convert.cc).
c10::IValue to_ivalue(napi_env env, napi_value value, const c10::Argument& argument);
napi_value from_ivalue(napi_env env, const c10::IValue& value);
std::string describe(const c10::IValue& value);

struct Args {
  static constexpr size_t most = 32;
  napi_value values[most];  // undefined beyond `count`
  size_t count = most;
  napi_value operator[](size_t i) const { return values[i]; }
};
Args arguments(napi_env env, napi_callback_info info);

// Runs `body` and turns C++ exceptions into JavaScript ones.
template <typename Body>
napi_value guard(napi_env env, Body body) {
  const auto raise = [&](const char* message) {
    try {
      fail(env, "TORCH_ENGINE", message);
    } catch (const Pending&) {
    }
  };
  try {
    return body();
  } catch (const Pending&) {
  } catch (const c10::Error& error) {
    raise(error.what_without_backtrace());
  } catch (const std::exception& error) {
    raise(error.what());
  } catch (...) {
    raise("libtorch threw something that is no std::exception");
  }
  return nullptr;
}

using Function = napi_value (*)(napi_env, napi_callback_info);
void define(napi_env env, napi_value exports, const char* name, Function function);

void register_tensor(napi_env env, napi_value exports);
void register_arrays(napi_env env, napi_value exports);
void register_dispatch(napi_env env, napi_value exports);
void register_autograd(napi_env env, napi_value exports);
void register_runtime(napi_env env, napi_value exports);
void register_cuda(napi_env env, napi_value exports);
void register_profiler(napi_env env, napi_value exports);
void register_distributed(napi_env env, napi_value exports);

}  // namespace bridge
