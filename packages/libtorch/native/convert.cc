// JavaScript values to the dispatcher's, by the schema's types, and back.
#include "bridge.h"

#include <ATen/ScalarOps.h>
#include <c10/core/MemoryFormat.h>
#include <c10/core/Scalar.h>

#include <cmath>
#include <sstream>

namespace bridge {

namespace {

// dtypes, layouts and memory formats are integers to the dispatcher, names to a person.
int64_t enum_or_int(napi_env env, napi_value value, const char* name) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  if (type != napi_string) return to_int(env, value, name);
  const auto text = to_string(env, value, name);
  if (text == "contiguous_format") return static_cast<int64_t>(at::MemoryFormat::Contiguous);
  if (text == "preserve_format") return static_cast<int64_t>(at::MemoryFormat::Preserve);
  if (text == "channels_last") return static_cast<int64_t>(at::MemoryFormat::ChannelsLast);
  if (text == "strided") return static_cast<int64_t>(at::kStrided);
  return static_cast<int64_t>(to_dtype(env, text));
}

double to_double(napi_env env, napi_value value, const char* name) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected a number");
  return number;
}

// JavaScript has one kind of number: whole ones become integers, as in Python's literals.
at::Scalar to_scalar(napi_env env, napi_value value, const char* name) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  if (type == napi_boolean) return at::Scalar(to_bool(env, value, name));
  if (type == napi_bigint) return at::Scalar(to_int(env, value, name));
  if (type != napi_number) fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected a number or a boolean");
  const double number = to_double(env, value, name);
  const bool negative_zero = number == 0 && std::signbit(number);
  if (number == std::floor(number) && std::abs(number) < 9007199254740992.0 && !negative_zero)
    return at::Scalar(static_cast<int64_t>(number));
  return at::Scalar(number);
}

at::Tensor to_tensor(napi_env env, napi_value value, const char* name) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  if (type != napi_number) return unwrap_tensor(env, value, name);
  auto tensor = at::scalar_to_tensor(to_scalar(env, value, name));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);  // takes no part in type promotion
  return tensor;
}

template <typename T, typename Item>
c10::IValue to_list(napi_env env, napi_value value, const char* name, int32_t repeat, Item item) {
  c10::List<T> list;
  bool is_array;
  napi_is_array(env, value, &is_array);
  if (!is_array && repeat > 0) {
    for (int32_t i = 0; i < repeat; i++) list.push_back(item(value));
  } else {
    for (auto element : to_array(env, value, name)) list.push_back(item(element));
  }
  return list;
}

c10::IValue convert(napi_env env, napi_value value, const c10::Type& type, const char* name, int32_t repeat) {
  switch (type.kind()) {
    case c10::TypeKind::OptionalType:
      if (is_nothing(env, value)) return c10::IValue();
      return convert(env, value, *type.expectRef<c10::OptionalType>().getElementType(), name, repeat);
    case c10::TypeKind::TensorType:
      return to_tensor(env, value, name);
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      return enum_or_int(env, value, name);
    case c10::TypeKind::FloatType:
      return to_double(env, value, name);
    case c10::TypeKind::BoolType:
      return to_bool(env, value, name);
    case c10::TypeKind::NumberType:
      return to_scalar(env, value, name);
    case c10::TypeKind::StringType:
      return to_string(env, value, name);
    case c10::TypeKind::DeviceObjType:
      return to_device(env, value, name);
    case c10::TypeKind::GeneratorType:
      return unwrap_generator(env, value, name);
    case c10::TypeKind::ListType: {
      const auto& element = *type.expectRef<c10::ListType>().getElementType();
      switch (element.kind()) {
        case c10::TypeKind::TensorType: {
          c10::List<at::Tensor> list;
          for (auto item : to_array(env, value, name)) list.push_back(unwrap_tensor(env, item, name));
          return list;
        }
        case c10::TypeKind::OptionalType: {
          if (element.expectRef<c10::OptionalType>().getElementType()->kind() != c10::TypeKind::TensorType) break;
          c10::List<c10::optional<at::Tensor>> list;
          for (auto item : to_array(env, value, name))
            list.push_back(is_nothing(env, item) ? c10::optional<at::Tensor>() : unwrap_tensor(env, item, name));
          return list;
        }
        case c10::TypeKind::IntType:
        case c10::TypeKind::SymIntType:
          return to_list<int64_t>(env, value, name, repeat, [&](napi_value v) { return to_int(env, v, name); });
        case c10::TypeKind::FloatType:
          return to_list<double>(env, value, name, repeat, [&](napi_value v) { return to_double(env, v, name); });
        case c10::TypeKind::BoolType:
          return to_list<bool>(env, value, name, repeat, [&](napi_value v) { return to_bool(env, v, name); });
        case c10::TypeKind::NumberType: {
          auto list = c10::impl::GenericList(c10::NumberType::get());
          for (auto item : to_array(env, value, name)) list.push_back(to_scalar(env, item, name));
          return list;
        }
        default:
          break;
      }
      break;
    }
    default:
      break;
  }
  fail(env, "TORCH_ARGUMENT", std::string(name) + ": the bridge has no conversion to " + type.str());
}

}  // namespace

c10::IValue to_ivalue(napi_env env, napi_value value, const c10::Argument& argument) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  if (type == napi_undefined) {
    if (argument.default_value()) return *argument.default_value();
    if (argument.type()->kind() == c10::TypeKind::OptionalType) return c10::IValue();
    fail(env, "TORCH_ARGUMENT", argument.name() + ": is missing");
  }
  return convert(env, value, *argument.type(), argument.name().c_str(), argument.N() ? *argument.N() : 0);
}

napi_value from_ivalue(napi_env env, const c10::IValue& value) {
  napi_value result;
  if (value.isTensor()) return wrap(env, value.toTensor());
  if (value.isNone()) {
    napi_get_null(env, &result);
    return result;
  }
  if (value.isInt()) return from_int(env, value.toInt());
  if (value.isBool()) return from_bool(env, value.toBool());
  if (value.isDouble()) return from_double(env, value.toDouble());
  if (value.isString()) return from_string(env, value.toStringRef());
  if (value.isDevice()) return from_string(env, value.toDevice().str());
  if (value.isTensorList()) return from_tensors(env, value.toTensorVector());
  if (value.isList()) {
    const auto list = value.toListRef();
    napi_create_array_with_length(env, list.size(), &result);
    for (size_t i = 0; i < list.size(); i++) napi_set_element(env, result, i, from_ivalue(env, list[i]));
    return result;
  }
  fail(env, "TORCH_ARGUMENT", "the bridge has no conversion from " + value.tagKind());
}

// A value as an error shows it: the shape and dtype of a tensor, never its contents.
std::string describe(const c10::IValue& value) {
  std::ostringstream text;
  if (value.isTensor()) {
    const auto& tensor = value.toTensor();
    if (!tensor.defined()) return "none";
    text << dtype_name(tensor.scalar_type()) << '[';
    for (int64_t i = 0; i < tensor.dim(); i++) text << (i ? ", " : "") << tensor.size(i);
    text << ']';
    if (!tensor.device().is_cpu()) text << '@' << tensor.device();
  } else if (value.isTensorList() || value.isList()) {
    const auto list = value.toListRef();
    text << '[';
    for (size_t i = 0; i < list.size() && i < 8; i++) text << (i ? ", " : "") << describe(list[i]);
    text << (list.size() > 8 ? ", ...]" : "]");
  } else {
    text << value;
  }
  return text.str();
}

}  // namespace bridge
