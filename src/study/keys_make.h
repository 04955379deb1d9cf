// How the declarations of study keys are written: short names for the common shapes of a key.
#pragma once

#include <string>
#include <vector>

#include "study/keys.h"

namespace perennial::key {

KeySpec section(std::string name, KeyShape shape, std::string description, bool required = false);
KeySpec text(std::string name, std::string description, std::string example);
KeySpec choice(std::string name, std::vector<std::string> choices, std::string description);
KeySpec flag(std::string name, std::string description);
KeySpec texts(std::string name, std::string description, std::string example);
KeySpec with_default(KeySpec key, ParamValue value);
KeySpec required(KeySpec key);
KeySpec shaped(KeySpec key, KeyShape shape);

}  // namespace perennial::key
