#include "run/uplift_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "report/page_data.h"

namespace perennial {
namespace {

// English, Russian, Portuguese.
using Word = std::array<const char*, 3>;

constexpr Word kWhat = {"What does {} change in {} = {}?", "Что меняет {} в {} = {}?",
                        "O que {} muda em {} = {}?"};
constexpr Word kNone = {"No evidence of uplift: nothing shows that the offers change the outcome.",
                        "Нет признаков влияния: ничто не показывает, что предложения меняют исход.",
                        "Sem sinais de efeito: nada mostra que as ofertas mudam o resultado."};
constexpr Word kAlike = {
    "The offers bring {} points more than no offer ({} to {}), but nothing shows that who gains "
    "more can be foretold.",
    "Предложения дают на {} п. п. больше, чем без них (от {} до {}), но ничто не показывает, что "
    "можно предсказать, кому они помогают больше.",
    "As ofertas trazem {} pontos a mais do que nenhuma oferta ({} a {}), mas nada mostra que se "
    "possa prever quem ganha mais."};
constexpr Word kDiffers = {
    "Offers by uplift bring {} points more than no offer ({} to {}), and who gains more can be "
    "foretold.",
    "Предложения по ожидаемому влиянию дают на {} п. п. больше, чем без них (от {} до {}), и можно "
    "предсказать, кому они помогают больше.",
    "Ofertas por efeito esperado trazem {} pontos a mais do que nenhuma oferta ({} a {}), e é "
    "possível prever quem ganha mais."};
constexpr Word kOrder = {
    "Who gains more from the offer can be foretold, but nothing shows that offers by uplift bring "
    "more than no offer.",
    "Можно предсказать, кому предложение помогает больше, но ничто не показывает, что предложения "
    "по ожидаемому влиянию дают больше, чем их отсутствие.",
    "É possível prever quem ganha mais com a oferta, mas nada mostra que ofertas por efeito "
    "esperado tragam mais do que nenhuma oferta."};
constexpr Word kEffects = {"What each offer changes, all customers",
                           "Что меняет каждое предложение, все клиенты",
                           "O que cada oferta muda, todos os clientes"};
constexpr Word kOffer = {"offer", "предложение", "oferta"};
constexpr Word kCustomers = {"customers", "клиентов", "clientes"};
constexpr Word kRate = {"rate, %", "доля, %", "taxa, %"};
constexpr Word kEffect = {"effect, points (95 %)", "влияние, п. п. (95 %)",
                          "efeito, pontos (95 %)"};
constexpr Word kRules = {"If everybody were treated by a rule (sealed customers)",
                         "Если бы со всеми поступили по правилу (отложенные клиенты)",
                         "Se todos fossem tratados por uma regra (clientes reservados)"};
constexpr Word kRule = {"rule", "правило", "regra"};
constexpr Word kMore = {"by uplift brings more, points (95 %)",
                        "по влиянию даёт больше, п. п. (95 %)",
                        "por efeito traz a mais, pontos (95 %)"};
constexpr Word kByUplift = {"by uplift", "по ожидаемому влиянию", "por efeito esperado"};
constexpr Word kNobody = {"no offer to anybody", "никому ничего", "nenhuma oferta a ninguém"};
constexpr Word kEverybody = {"to everybody: ", "всем: ", "a todos: "};
constexpr Word kSingle = {"best single: ", "лучшее одно: ", "melhor única: "};
constexpr Word kCurve = {
    "Gain when the share with the largest uplift is treated; the straight line: as many, at random",
    "Выигрыш, если предложить доле с наибольшим влиянием; прямая: столько же наугад",
    "Ganho ao tratar a parte de maior efeito; a reta: a mesma quantidade, ao acaso"};
constexpr Word kWhere = {"Where the uplift is (sealed customers; it says where, not why)",
                         "Где влияние (отложенные клиенты; где, а не почему)",
                         "Onde está o efeito (clientes reservados; onde, não por quê)"};
constexpr Word kGroup = {"group", "группа", "grupo"};
constexpr Word kPredicted = {"predicted, points", "предсказано, п. п.", "previsto, pontos"};
constexpr Word kMeasured = {"measured, points (95 %)", "измерено, п. п. (95 %)",
                            "medido, pontos (95 %)"};
constexpr Word kWarning = {"Warning: ", "Внимание: ", "Atenção: "};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

size_t language_of(const RunRecord& r) {
  const std::string language = page_language(r);
  return language == "ru" ? 1 : language == "pt" ? 2 : 0;
}

std::string points(double v) { return fixed(100 * v, 1); }

std::string interval(const Figure& f) {
  return fmt::format("{} ({} … {})", points(f.value), points(f.low), points(f.high));
}

using Cells = std::vector<std::string>;

std::string table(const std::vector<Cells>& lines) {
  std::string out = "<table>\n";
  for (size_t i = 0; i < lines.size(); ++i) {
    const char* cell = i == 0 ? "th" : "td";
    out += "<tr>";
    for (const std::string& c : lines[i]) {
      out += fmt::format("<{0}>{1}</{0}>", cell, escaped(c));
    }
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

class Page {
 public:
  Page(const RunRecord& r, const UpliftRecord& u) : r_(r), u_(u), language_(language_of(r)) {}

  std::string text() const {
    static constexpr std::array<const char*, 3> kCodes = {"en", "ru", "pt"};
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<title>{}</title>\n"
        "<style>body{{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}"
        "table{{border-collapse:collapse;margin:.5rem 0}}td,th{{text-align:left;padding:.2rem "
        "1rem .2rem 0;border-bottom:1px solid #ccc}}svg{{max-width:100%}}</style>\n",
        kCodes[language_], escaped(r_.study_name));
    out += "<h1>" + escaped(r_.study_name) + "</h1>\n<p>" +
           fmt::format(fmt::runtime(say(kWhat)), escaped(u_.treatment), escaped(r_.target),
                       escaped(quoted(r_.positive))) +
           "</p>\n<p><strong>" + sentence() + "</strong></p>\n";
    for (const std::string& w : r_.warnings) {
      out += "<p>" + say(kWarning) + escaped(w) + "</p>\n";
    }
    out += heading(kEffects) + effects() + heading(kRules) + policies() + heading(kCurve);
    for (const UpliftCurve& c : u_.verdict.curves) out += curve(c);
    return out + heading(kWhere) + reasons() + "</html>\n";
  }

 private:
  std::string say(const Word& word) const { return word[language_]; }
  std::string heading(const Word& word) const { return "<h2>" + say(word) + "</h2>\n"; }

  std::string sentence() const {
    const UpliftVerdict& v = u_.verdict;
    if (v.evidence == "no evidence of uplift") return say(kNone);
    if (!v.policy_works) return say(kOrder);
    const auto nobody = std::find_if(v.policies.begin(), v.policies.end(),
                                     [](const PolicyValue& p) { return p.name == "nobody"; });
    const Figure& f = nobody->by_uplift_over;
    return fmt::format(fmt::runtime(say(v.order_works ? kDiffers : kAlike)), points(f.value),
                       points(f.low), points(f.high));
  }

  std::string effects() const {
    std::vector<Cells> lines = {{say(kOffer), say(kCustomers), say(kRate), say(kEffect)}};
    for (const ArmEffect& e : u_.effects) {
      lines.push_back({e.arm, grouped(e.customers), points(e.rate.value),
                       &e == &u_.effects[0] ? "" : interval(e.effect)});
    }
    return table(lines);
  }

  std::string name_of(const PolicyValue& p) const {
    if (p.name == "by_uplift") return say(kByUplift);
    if (p.name == "nobody") return say(kNobody);
    return say(p.name == "everybody" ? kEverybody : kSingle) + p.arm;
  }

  std::string policies() const {
    std::vector<Cells> lines = {{say(kRule), say(kRate), say(kMore)}};
    for (const PolicyValue& p : u_.verdict.policies) {
      lines.push_back(
          {name_of(p), interval(p.value), p.name == "by_uplift" ? "" : interval(p.by_uplift_over)});
    }
    return table(lines);
  }

  // The curve, its band, and the random model's line.
  static std::string curve(const UpliftCurve& c) {
    constexpr double kWidth = 560, kHeight = 240, kLeft = 56, kTop = 12;
    double low = 0, high = 0;
    for (const UpliftPoint& p : c.points) {
      low = std::min(low, p.gain.low);
      high = std::max(high, p.gain.high);
    }
    if (!(high > low)) high = low + 1;
    const auto at = [&](double share, double gain) {
      return fmt::format("{:.1f},{:.1f}", kLeft + share * kWidth,
                         kTop + (high - gain) / (high - low) * kHeight);
    };
    std::string line, up, down;
    for (const UpliftPoint& p : c.points) {
      line += at(p.share, p.gain.value).append(" ");
      up += at(p.share, p.gain.high).append(" ");
      down = fmt::format("{} {}", at(p.share, p.gain.low), down);
    }
    const std::string zero = at(0, 0), end = at(1, c.points.back().random);
    std::string out =
        fmt::format("<h3>{}</h3>\n<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                    escaped(c.arm), kLeft + kWidth + 12, kTop + kHeight + 28, escaped(c.arm));
    out += fmt::format("<polygon points=\"{}{}\" fill=\"#cfe0f5\"/>\n", up, down);
    out += fmt::format("<polyline points=\"{} {}\" stroke=\"#888\" fill=\"none\"/>\n", zero, end);
    out += fmt::format(
        "<polyline points=\"{}\" stroke=\"#1f5fa8\" stroke-width=\"2\" fill=\"none\"/>\n", line);
    for (const double gain : {low, 0.0, high}) {
      out += fmt::format("<text x=\"0\" y=\"{:.1f}\" font-size=\"12\">{}</text>\n",
                         kTop + 4 + (high - gain) / (high - low) * kHeight, points(gain));
    }
    for (const double share : {0.0, 0.5, 1.0}) {
      out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" font-size=\"12\">{} %</text>\n",
                         kLeft + share * (kWidth - 24), kTop + kHeight + 20, 100 * share);
    }
    return out + "</svg>\n";
  }

  std::string reasons() const {
    std::string out;
    for (const UpliftReason& r : u_.verdict.reasons) {
      out += fmt::format("<h3>{}: {}</h3>\n", escaped(r.arm), escaped(r.feature));
      std::vector<Cells> lines = {{say(kGroup), say(kCustomers), say(kPredicted), say(kMeasured)}};
      for (const UpliftSlice& s : r.slices) {
        lines.push_back({s.label, grouped(s.customers), points(s.predicted), interval(s.measured)});
      }
      out += table(lines);
    }
    return out;
  }

  const RunRecord& r_;
  const UpliftRecord& u_;
  size_t language_;
};

}  // namespace

std::string uplift_page(const RunRecord& record, const UpliftRecord& uplift) {
  return Page(record, uplift).text();
}

}  // namespace perennial
