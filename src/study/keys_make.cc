#include "study/keys_make.h"

#include <utility>

namespace perennial::key {

KeySpec section(std::string name, KeyShape shape, std::string description, bool required) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kText,
                    .description = std::move(description),
                    .required = required},
          .shape = shape};
}

KeySpec text(std::string name, std::string description, std::string example) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kText,
                    .description = std::move(description)},
          .example = std::move(example)};
}

KeySpec choice(std::string name, std::vector<std::string> choices, std::string description) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kChoice,
                    .description = std::move(description),
                    .choices = std::move(choices)}};
}

KeySpec flag(std::string name, std::string description) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kBool,
                    .description = std::move(description)}};
}

KeySpec texts(std::string name, std::string description, std::string example) {
  return {.param = {.name = std::move(name),
                    .type = ParamType::kTextList,
                    .description = std::move(description)},
          .example = std::move(example)};
}

KeySpec with_default(KeySpec key, ParamValue value) {
  key.param.default_value = std::move(value);
  return key;
}

KeySpec required(KeySpec key) {
  key.param.required = true;
  return key;
}

KeySpec shaped(KeySpec key, KeyShape shape) {
  key.shape = shape;
  return key;
}

}  // namespace perennial::key
