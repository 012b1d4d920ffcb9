// Entry of the add-on, errors and plain values.
#include "bridge.h"

#include <ATen/Version.h>
#include <torch/version.h>

#include <cmath>

namespace bridge {

namespace {
// Constructor of the error class that TypeScript handed over.
thread_local napi_ref error_class = nullptr;

napi_value set_error_class(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    napi_create_reference(env, arguments(env, info)[0], 1, &error_class);
    return nullptr;
  });
}

// Of the libtorch that was loaded, which may not be the one whose headers this was compiled with; empty if it does not tell.
std::string loaded_version() {
  const auto text = at::show_config();
  const std::string key = "TORCH_VERSION=";
  const auto found = text.find(key);
  if (found == std::string::npos) return "";
  const auto begin = found + key.size();
  return text.substr(begin, text.find_first_of(", \n", begin) - begin);
}
}  // namespace

void fail(napi_env env, const std::string& code, const std::string& message) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) {
    napi_value error, constructor;
    napi_value values[2] = {from_string(env, code), from_string(env, message)};
    if (error_class && napi_get_reference_value(env, error_class, &constructor) == napi_ok &&
        napi_new_instance(env, constructor, 2, values, &error) == napi_ok) {
      napi_throw(env, error);
    } else {
      napi_throw_error(env, code.c_str(), message.c_str());
    }
  }
  throw Pending();
}

Args arguments(napi_env env, napi_callback_info info) {
  Args args;
  napi_get_cb_info(env, info, &args.count, args.values, nullptr, nullptr);
  if (args.count > Args::most) fail(env, "TORCH_ARGUMENT", "more than " + std::to_string(Args::most) + " arguments");
  return args;
}

bool is_nothing(napi_env env, napi_value value) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  return type == napi_undefined || type == napi_null;
}

std::string to_string(napi_env env, napi_value value, const char* name) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected a string");
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

int64_t to_int(napi_env env, napi_value value, const char* name) {
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok) {
    if (!(std::abs(number) < 9223372036854775808.0) || number != std::floor(number))
      fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected an integer, got " + std::to_string(number));
    return static_cast<int64_t>(number);
  }
  int64_t integer;
  bool lossless;
  if (napi_get_value_bigint_int64(env, value, &integer, &lossless) == napi_ok && lossless) return integer;
  fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected an integer");
}

bool to_bool(napi_env env, napi_value value, const char* name) {
  bool result;
  if (napi_get_value_bool(env, value, &result) != napi_ok)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected true or false");
  return result;
}

std::vector<napi_value> to_array(napi_env env, napi_value value, const char* name) {
  uint32_t length;
  if (napi_get_array_length(env, value, &length) != napi_ok)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected an array");
  std::vector<napi_value> items(length);
  for (uint32_t i = 0; i < length; i++)
    if (napi_get_element(env, value, i, &items[i]) != napi_ok)
      fail(env, "TORCH_ARGUMENT", std::string(name) + ": an element of the array cannot be read");
  return items;
}

napi_value from_string(napi_env env, const std::string& value) {
  napi_value result;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

napi_value from_bool(napi_env env, bool value) {
  napi_value result;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value from_double(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

napi_value from_int(napi_env env, int64_t value) {
  napi_value result;
  constexpr int64_t safe = (int64_t{1} << 53) - 1;
  if (value >= -safe && value <= safe) napi_create_int64(env, value, &result);
  else napi_create_bigint_int64(env, value, &result);
  return result;
}

void define(napi_env env, napi_value exports, const char* name, Function function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

}  // namespace bridge

NAPI_MODULE_INIT() {
  const auto loaded = bridge::loaded_version();
  if (!loaded.empty() && loaded != TORCH_VERSION) {
    const auto message = "it was built over libtorch " TORCH_VERSION ", and libtorch " + loaded + " is what it finds now";
    napi_throw_error(env, nullptr, message.c_str());
    return exports;
  }
  bridge::define(env, exports, "setErrorClass", bridge::set_error_class);
  bridge::register_tensor(env, exports);
  bridge::register_arrays(env, exports);
  bridge::register_dispatch(env, exports);
  bridge::register_autograd(env, exports);
  bridge::register_runtime(env, exports);
  bridge::register_cuda(env, exports);
  bridge::register_profiler(env, exports);
  bridge::register_distributed(env, exports);
  return exports;
}
