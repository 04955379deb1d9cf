#include "feature/id_order.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/whole.h"

namespace perennial {
namespace {

// Ids that lie close together are put in their places rather than sorted; false: they do not.
template <typename Key>
bool placed(std::vector<Key>& keys, const auto& by_text) {
  if (keys.empty()) return false;
  const auto [least, most] = std::minmax_element(
      keys.begin(), keys.end(), [](const Key& a, const Key& b) { return a.number < b.number; });
  const double low = least->number, range = most->number - low + 1;
  if (!(range <= 4 * static_cast<double>(keys.size()) + 1024)) return false;
  std::vector<uint32_t> ends(static_cast<size_t>(range) + 1, 0);
  for (const Key& key : keys) ++ends[static_cast<size_t>(key.number - low) + 1];
  for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  std::vector<Key> out(keys.size());
  for (const Key& key : keys) out[ends[static_cast<size_t>(key.number - low)]++] = key;
  keys = std::move(out);
  // Several of one number ("7" and "007"): after placing, ends[i] is where its keys end.
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    if (end - begin > 1) std::sort(keys.begin() + begin, keys.begin() + end, by_text);
    begin = end;
  }
  return true;
}

}  // namespace

IdOrder::IdOrder(const Column& ids, const Workers& workers) : texts_(ids.size()) {
  workers.run_blocks(ids.size(), 8192, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) texts_[i] = ids.value_text(i);
  });
  std::vector<Key> keys;
  keys.reserve(ids.size());
  bool whole = true;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids.missing(i)) continue;
    const double number = ids.is_text() ? parse_number(texts_[i]).value_or(0.5) : ids.numbers[i];
    whole = whole && is_whole(number);
    keys.push_back({number, static_cast<uint32_t>(i)});
  }
  const auto by_text = [&](const Key& a, const Key& b) {
    return texts_[a.row] != texts_[b.row] ? texts_[a.row] < texts_[b.row] : a.row < b.row;
  };
  if (!whole) {
    std::sort(keys.begin(), keys.end(), by_text);
  } else if (!placed(keys, by_text)) {
    std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
      return a.number != b.number ? a.number < b.number : by_text(a, b);
    });
  }
  keys_ = std::move(keys);
}

}  // namespace perennial
