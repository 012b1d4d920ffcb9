// The decoder for JavaScript. Calls return when the image is there: they are for worker threads.
#include <node_api.h>

#include "decoder.h"

namespace {

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

napi_value refuse(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

bool bytes_of(napi_env env, napi_value value, Bytes& bytes) {
  bool typed = false;
  napi_typedarray_type type;
  void* data;
  if (napi_is_typedarray(env, value, &typed) != napi_ok || !typed) return false;
  napi_get_typedarray_info(env, value, &type, &bytes.length, &data, nullptr, nullptr);
  bytes.data = static_cast<uint8_t*>(data);
  return type == napi_uint8_array;
}

bool image_of(napi_env env, napi_value value, Bytes& out) {
  return bytes_of(env, value, out) && out.length == jpeg::image_bytes;
}

jpeg::Decoder& decoder_of(napi_env env) {
  void* decoder;
  napi_get_instance_data(env, &decoder);
  return *static_cast<jpeg::Decoder*>(decoder);
}

napi_value boolean(napi_env env, bool value) {
  napi_value result;
  napi_get_boolean(env, value, &result);
  return result;
}

// decode(bytes, out, mirror): whether `out` holds the image now.
napi_value decode(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value args[3];
  Bytes bytes, out;
  bool mirror;
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  if (!bytes_of(env, args[0], bytes) || !image_of(env, args[1], out) ||
      napi_get_value_bool(env, args[2], &mirror) != napi_ok)
    return refuse(env, "decode(bytes: Uint8Array, out: Uint8Array of an image, mirror: boolean)");
  return boolean(env, decoder_of(env).decode(bytes.data, bytes.length, out.data, mirror));
}

// decodeFile(path, offset, length, out, mirror): the same; offset -1 is a file of its own.
napi_value decode_file(napi_env env, napi_callback_info info) {
  size_t count = 5, used;
  napi_value args[5];
  char path[4096];
  int64_t offset, length;
  Bytes out;
  bool mirror;
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  if (napi_get_value_string_utf8(env, args[0], path, sizeof path, &used) != napi_ok ||
      napi_get_value_int64(env, args[1], &offset) != napi_ok || napi_get_value_int64(env, args[2], &length) != napi_ok ||
      length < 0 || !image_of(env, args[3], out) || napi_get_value_bool(env, args[4], &mirror) != napi_ok)
    return refuse(env, "decodeFile(path, offset, length, out: Uint8Array of an image, mirror: boolean)");
  // A path that was cut short could name another file.
  const bool whole = used < sizeof path - 1;
  return boolean(env, whole && decoder_of(env).decode_file(path, offset, length, out.data, mirror));
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_set_instance_data(
      env, new jpeg::Decoder(), [](napi_env, void* decoder, void*) { delete static_cast<jpeg::Decoder*>(decoder); },
      nullptr);
  napi_value function, version;
  napi_create_function(env, "decode", NAPI_AUTO_LENGTH, decode, nullptr, &function);
  napi_set_named_property(env, exports, "decode", function);
  napi_create_function(env, "decodeFile", NAPI_AUTO_LENGTH, decode_file, nullptr, &function);
  napi_set_named_property(env, exports, "decodeFile", function);
  napi_create_string_utf8(env, "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION), NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "version", version);
  return exports;
}
