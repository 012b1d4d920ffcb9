// PyTorch's dispatcher from JavaScript: every operator by its name, called boxed.
#include "bridge.h"

#include <sstream>
#include <unordered_map>

namespace bridge {

namespace {

struct Operator {
  c10::OperatorHandle handle;
  bool in_place;  // gives its first argument again
  int device;     // which argument says where the tensor is to be made, of an operator that is given none; else -1
};
thread_local std::vector<Operator> operators;

bool writes(const c10::Argument& argument) { return argument.alias_info() && argument.alias_info()->isWrite(); }

bool is_in_place(const c10::FunctionSchema& schema) {
  return !schema.arguments().empty() && schema.returns().size() == 1 && writes(schema.arguments()[0]) &&
         writes(schema.returns()[0]);
}

// Of zeros, randn and their like.
int device_of(const c10::FunctionSchema& schema) {
  int found = -1;
  for (size_t i = 0; i < schema.arguments().size(); i++) {
    const auto& argument = schema.arguments()[i];
    if (argument.type()->str().find("Tensor") != std::string::npos) return -1;
    if (argument.name() == "device") found = static_cast<int>(i);
  }
  return found;
}

// lookup('aten::add.Tensor'): a number to call it by.
napi_value lookup(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    thread_local std::unordered_map<std::string, size_t> known;
    const auto full = to_string(env, arguments(env, info)[0], "operator");
    const auto found = known.find(full);
    if (found != known.end()) return from_int(env, found->second);
    const auto dot = full.find('.');
    const auto name = full.substr(0, dot);
    const auto overload = dot == std::string::npos ? std::string() : full.substr(dot + 1);
    const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle) {
      std::string others;
      for (const auto& op : c10::Dispatcher::singleton().getAllOpNames())
        if (op.name == name) others += (others.empty() ? "" : ", ") + c10::toString(op);
      fail(env, "TORCH_UNKNOWN_OPERATOR", full + ": this libtorch has no such operator" +
                                              (others.empty() ? "" : "; it has " + others));
    }
    if (handle->schema().arguments().size() >= Args::most)
      fail(env, "TORCH_UNKNOWN_OPERATOR", full + ": has more arguments than the bridge hands over");
    operators.push_back({*handle, is_in_place(handle->schema()), device_of(handle->schema())});
    known[full] = operators.size() - 1;
    return from_int(env, operators.size() - 1);
  });
}

// A missing argument takes the schema's default.
torch::jit::Stack to_stack(napi_env env, const c10::FunctionSchema& schema, const Args& args) {
  const auto& formal = schema.arguments();
  torch::jit::Stack stack;
  stack.reserve(std::max(formal.size(), schema.returns().size()));
  for (size_t i = 0; i < formal.size(); i++) stack.push_back(to_ivalue(env, args[i + 1], formal[i]));
  return stack;
}

// The call as an error shows it. The call consumed its arguments: they are converted once more.
[[noreturn]] void refuse(napi_env env, const c10::FunctionSchema& schema, const Args& args, const char* why) {
  std::ostringstream text;
  text << c10::toString(schema.operator_name()) << '(';
  const auto given = to_stack(env, schema, args);
  for (size_t i = 0; i < given.size(); i++)
    text << (i ? ", " : "") << schema.arguments()[i].name() << ": " << describe(given[i]);
  text << "): " << why;
  fail(env, "TORCH_OPERATOR", text.str());
}

// Puts the operator's name before the message of an argument's error.
void name_operator(napi_env env, const c10::FunctionSchema& schema) {
  napi_value error, message;
  napi_get_and_clear_last_exception(env, &error);
  if (napi_get_named_property(env, error, "message", &message) == napi_ok) {
    const auto text = c10::toString(schema.operator_name()) + ": " + to_string(env, message, "message");
    napi_set_named_property(env, error, "message", from_string(env, text));
  }
  napi_throw(env, error);
}

// call(number, ...arguments)
napi_value call(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    const Args args = arguments(env, info);
    const auto index = static_cast<size_t>(to_int(env, args[0], "operator"));
    if (index >= operators.size()) fail(env, "TORCH_UNKNOWN_OPERATOR", "no operator has this number");
    const auto called = operators[index];
    const auto& schema = called.handle.schema();
    const size_t most = schema.arguments().size();
    if (args.count - 1 > most)
      fail(env, "TORCH_ARGUMENT", c10::toString(schema.operator_name()) + ": takes at most " + std::to_string(most) +
                                      " arguments, got " + std::to_string(args.count - 1));
    torch::jit::Stack stack;
    try {
      stack = to_stack(env, schema, args);
      if (called.device >= 0 && !default_device.is_cpu() && stack[called.device].isNone())
        stack[called.device] = default_device;
    } catch (const Pending&) {
      name_operator(env, schema);
      throw;
    }
    try {
      called.handle.callBoxed(&stack);
    } catch (const c10::Error& error) {
      refuse(env, schema, args, error.what_without_backtrace());
    } catch (const std::exception& error) {
      refuse(env, schema, args, error.what());
    }
    if (stack.empty()) return nullptr;
    if (stack.size() > 1) {
      napi_value result;
      napi_create_array_with_length(env, stack.size(), &result);
      for (size_t i = 0; i < stack.size(); i++) napi_set_element(env, result, i, from_ivalue(env, stack[i]));
      return result;
    }
    Handle* self;
    if (called.in_place && stack[0].isTensor() && is_handle(env, args[1], &self) &&
        self->tensor.is_same(stack[0].toTensor()))
      return args[1];
    return from_ivalue(env, stack[0]);
  });
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

napi_value describe_argument(napi_env env, const c10::Argument& argument) {
  napi_value object;
  napi_create_object(env, &object);
  set(env, object, "name", from_string(env, argument.name()));
  set(env, object, "type", from_string(env, argument.type()->str()));
  set(env, object, "realType", from_string(env, argument.real_type()->str()));
  set(env, object, "hasDefault", from_bool(env, argument.default_value().has_value()));
  set(env, object, "writes", from_bool(env, writes(argument)));
  set(env, object, "size", from_int(env, argument.N() ? *argument.N() : 0));
  return object;
}

napi_value describe_arguments(napi_env env, const std::vector<c10::Argument>& list) {
  napi_value result;
  napi_create_array_with_length(env, list.size(), &result);
  for (size_t i = 0; i < list.size(); i++) napi_set_element(env, result, i, describe_argument(env, list[i]));
  return result;
}

// schema('aten::add.Tensor'): what the generator of wrappers reads.
napi_value schema(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    int64_t index;
    const auto number = lookup(env, info);
    if (!number) throw Pending();
    napi_get_value_int64(env, number, &index);
    const auto& found = operators[index].handle.schema();
    napi_value object;
    napi_create_object(env, &object);
    set(env, object, "arguments", describe_arguments(env, found.arguments()));
    set(env, object, "returns", describe_arguments(env, found.returns()));
    std::ostringstream text;
    text << found;
    set(env, object, "text", from_string(env, text.str()));
    return object;
  });
}

napi_value operator_names(napi_env env, napi_callback_info) {
  return guard(env, [&] {
    const auto names = c10::Dispatcher::singleton().getAllOpNames();
    napi_value result;
    napi_create_array_with_length(env, names.size(), &result);
    for (size_t i = 0; i < names.size(); i++) napi_set_element(env, result, i, from_string(env, c10::toString(names[i])));
    return result;
  });
}

}  // namespace

void register_dispatch(napi_env env, napi_value exports) {
  define(env, exports, "lookup", lookup);
  define(env, exports, "call", call);
  define(env, exports, "schema", schema);
  define(env, exports, "operatorNames", operator_names);
}

}  // namespace bridge
