// One declaration per parameter (rule 3): name, type, bounds, default, description. Parsing, bounds
// checks, error text, reference docs, search spaces and invalid-value tests all come from it.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace perennial {

using ParamValue = std::variant<std::monostate, bool, int64_t, double, std::string,
                                std::vector<std::string>, std::vector<double>>;

enum class ParamType { kBool, kInt, kReal, kText, kChoice, kTextList, kRealList };

// Where the default search looks for a parameter's value: between low and high, or among choices.
struct SearchRange {
  enum class Of {
    kNothing,
    kColumns,      // high is a share of the table's columns, at least low + 1
    kOneOfColumns  // both are shares of one column's part: divided by the number of columns
  };
  double low = 0, high = 0;
  bool log = false;  // even on the log scale
  Of of = Of::kNothing;
  std::vector<ParamValue> choices = {};  // one of these, instead of low and high
};

struct ParamSpec {
  std::string name;
  ParamType type = ParamType::kReal;
  ParamValue default_value{};  // monostate: none (the parameter is optional or required, see below)
  std::string description{};   // one line, ends with a full stop
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_open = false;  // the minimum itself is not allowed
  std::vector<std::string> choices =
      {};  // kChoice: the allowed values; kTextList: allowed items, if any
  bool required = false;
  std::vector<ParamValue> grid = {};  // values a grid search tries; empty: the default alone
  bool log_scale = false;  // random search draws on the log scale between min and max of grid
  std::optional<SearchRange> search = {};  // of the default search; none: stays as it is
};

// Values by name, ordered by name: equal parameters print as equal text.
class Params {
 public:
  Params() = default;
  explicit Params(std::map<std::string, ParamValue> values) : values_(std::move(values)) {}

  void set(const std::string& name, ParamValue value) { values_[name] = std::move(value); }
  bool has(const std::string& name) const { return values_.contains(name); }
  // REQUIRES: the value exists and has that type (an internal error otherwise). get_real also
  // accepts an integer.
  bool get_bool(const std::string& name) const;
  int64_t get_int(const std::string& name) const;
  double get_real(const std::string& name) const;
  const std::string& get_text(const std::string& name) const;
  const std::map<std::string, ParamValue>& values() const { return values_; }
  bool operator==(const Params&) const = default;

 private:
  const ParamValue& at(const std::string& name) const;
  std::map<std::string, ParamValue> values_;
};

// Checks one value against its spec; returns it in the spec's type (an integer where a real is
// wanted is converted). Throws Error{kStudy} that names key, value, bounds or choices, and the
// nearest valid choice. `where` goes to Error::where.
ParamValue checked(const ParamSpec& spec, const ParamValue& value, const std::string& where);
// All of `given` checked against `specs`, unknown names refused (naming the nearest), defaults
// filled in for the rest. Optional parameters without a value (monostate) are left out, so that
// has() says whether there is one.
Params complete(std::span<const ParamSpec> specs, const Params& given, const std::string& where);

Json to_json(const ParamValue& value);
Json to_json(const Params& params);
Params params_from_json(std::span<const ParamSpec> specs, const Json& json);
// {"C":1,"penalty":"l2"}: compact JSON, names in order.
std::string to_text(const Params& params);
// A row of the reference docs: | `C` | real > 0 | 1 | description |
std::string markdown_row(const ParamSpec& spec);

}  // namespace perennial
