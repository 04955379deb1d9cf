// perennial: the command line. Results go to stdout or files, messages to stderr; exit codes: 0
// done, 1 the study or the data is wrong, 2 wrong usage, 70 a bug of ours.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "generate/audiobooks.h"
#include "generate/journey.h"
#include "generate/shop.h"
#include "report/report.h"
#include "run/measure.h"
#include "run/run.h"
#include "study/study.h"

namespace perennial {
namespace {

struct Common {
  std::string study, data, question, out;
  std::string seed, budget, resume, replay;
  int64_t trials = 0;
  int threads = 0;
  bool json = false, plan = false, nested = false;
};

// "60", "60s", "5m", "1h" in seconds; 0 where it is none of them.
double seconds_of(const std::string& text) {
  static const std::map<char, double> kUnits = {{'s', 1}, {'m', 60}, {'h', 3600}};
  const auto unit = text.empty() ? kUnits.end() : kUnits.find(text.back());
  const std::string digits = unit == kUnits.end() ? text : text.substr(0, text.size() - 1);
  const bool whole = !digits.empty() && digits.size() <= 6 &&
                     digits.find_first_not_of("0123456789") == std::string::npos;
  return whole ? std::stod(digits) * (unit == kUnits.end() ? 1 : unit->second) : 0;
}

std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// The first Ctrl-C ends the search, which keeps its best; the second ends the program.
void ask_to_stop(int) {
  stop_asked = true;
  std::signal(SIGINT, SIG_DFL);
}

RunOptions run_options(const Common& c) {
  RunOptions options{.study = c.study, .threads = c.threads};
  if (!c.data.empty()) options.data = c.data;
  if (!c.question.empty()) options.question = c.question;
  if (!c.seed.empty()) options.seed = std::stoull(c.seed);
  if (!c.budget.empty()) options.budget = seconds_of(c.budget);
  if (c.trials > 0) options.trials = c.trials;
  options.nested = c.nested;
  if (!c.resume.empty()) options.resume = c.resume;
  if (!c.replay.empty()) options.replay = c.replay;
  return options;
}

void print(const std::string& text) {
  std::cout << text;
  std::cout.flush();
  if (!std::cout) {
    throw Error(ErrorCode::kIo, "stdout", "the output cannot be written",
                "Check the pipe or the disk behind it");
  }
}

void add_study_options(CLI::App& command, Common& c) {
  command.add_option("STUDY", c.study, "the study file (TOML); `perennial init` writes one")
      ->required();
  command.add_option("--data", c.data, "folder of the tables (default: the study's own)");
  command.add_option("--question", c.question, "only this question of the study");
  command.add_option("--threads", c.threads, "threads to use (default: all cores)")
      ->check(CLI::Range(0, 1024));
  command.add_flag("--json", c.json, "print JSON instead of text");
}

void command_run(const Common& c) {
  if (c.plan) {
    print(plan_text(run_options(c)));
    return;
  }
  TerminalProgress progress;
  RunOptions options = run_options(c);
  options.stop = &stop_asked;
  std::signal(SIGINT, ask_to_stop);
  // Never freed: the system takes back all at once what the program would give back row by row.
  static const std::vector<RunRecord>& records =
      *new std::vector<RunRecord>(run_study(options, c.out, progress));
  std::signal(SIGINT, SIG_DFL);
  progress.clear();
  for (const RunRecord& record : records) {
    const std::string folder = (path_of(c.out) / path_of(record.question)).string();
    print(c.json ? metrics_json(record)
                 : summary_text(record, folder, terminal_width(), terminal_colour()));
  }
}

void command_audit(const Common& c) {
  TerminalProgress progress;
  const AuditRecord record = audit_study(run_options(c), progress);
  progress.clear();
  print(c.json ? audit_json(record.findings, record.files)
               : findings_text(record.findings, terminal_width(), terminal_colour()));
  if (record.problem) throw Error(*record.problem);
}

// Writes to a file, or to stdout where none is named or it is "-".
void deliver(const std::string& text, const std::string& file) {
  if (file.empty() || file == "-") {
    print(text);
  } else {
    write_file(path_of(file), text);
  }
}

void command_explore(const Common& c) {
  TerminalProgress progress;
  const auto found = explore_study(run_options(c), progress);
  progress.clear();
  if (found.size() > 1 && (c.json || !c.out.empty())) {
    throw Error(ErrorCode::kUsage, "--question",
                fmt::format("the study has {} questions, the JSON is of one", found.size()),
                "Name one with --question");
  }
  if (!c.out.empty()) deliver(json_text(to_json(found.at(0).exploration)), c.out);
  if (c.out == "-") return;
  for (const QuestionExploration& q : found) {
    print(c.json ? json_text(to_json(q.exploration)) : exploration_text(q.question, q.exploration));
  }
}

struct ScoreArguments {
  ScoreOptions options;
  std::string out;
};

void command_score(const ScoreArguments& a) {
  TerminalProgress progress;
  const ScoreResult result = score_tables(a.options, progress);
  progress.clear();
  deliver(result.csv, a.out);
  for (const std::string& note : result.notes) std::cerr << "note: " << note << "\n";
  if (!a.out.empty() && a.out != "-") {
    std::cerr << "scored " << counted(result.rows, "customer") << " into " << a.out << "\n";
  }
}

struct CheckArguments {
  CheckOptions options;
  std::string out;
  bool json = false;
};

void command_check(const CheckArguments& a) {
  TerminalProgress progress;
  const CheckResult result = check_tables(a.options, progress);
  progress.clear();
  if (!a.out.empty() && a.out != "-") write_file(path_of(a.out), result.json);
  print(a.json || a.out == "-" ? result.json : result.text);
  for (const std::string& note : result.notes) std::cerr << "note: " << note << "\n";
}

struct ExplainArguments {
  ExplainRequest request;
  bool json = false;
};

void command_explain(const ExplainArguments& a) {
  TerminalProgress progress;
  const ExplainResult result = explain_tables(a.request, progress);
  progress.clear();
  print(a.json ? result.json : result.text);
  for (const std::string& note : result.notes) std::cerr << "note: " << note << "\n";
}

struct MeasureArguments {
  MeasureOptions options;
  std::string outcome, positive, money, received, out, absent = "missing";
  bool json = false;
};

void command_measure(MeasureArguments a) {
  const auto said = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  a.options.outcome = said(a.outcome);
  a.options.positive = said(a.positive);
  a.options.money = said(a.money);
  a.options.received = said(a.received);
  a.options.absent_is_no = a.absent == "no";
  TerminalProgress progress;
  const MeasureResult result = measure_campaign(a.options, progress);
  progress.clear();
  if (!a.out.empty()) {
    StagedFolder staged(path_of(a.out));
    write_file(staged.path() / "measure.json", result.json);
    staged.commit({"measure.json"});
  }
  print(a.json ? result.json : result.text);
}

struct InitArguments {
  std::vector<std::string> tables;
  std::string target, positive, out;
  bool force = false;
};

void command_init(const InitArguments& a) {
  const bool to_file = !a.out.empty() && a.out != "-";
  if (to_file && fs::exists(path_of(a.out)) && !a.force) {
    throw Error(ErrorCode::kIo, a.out, "the file exists already",
                "Name another one with -o, or say --force to replace it");
  }
  const fs::path home = to_file ? fs::absolute(path_of(a.out)).parent_path() : fs::current_path();
  deliver(init_study(a.tables, a.target, a.positive, home), a.out);
  if (to_file) {
    std::cerr << "wrote " << a.out << "; next: perennial audit " << a.out << ", then perennial run "
              << a.out << "\n";
  }
}

struct GenerateArguments {
  int64_t customers = 1300;
  uint64_t seed = 0;
  bool clean = false, events = false;
  std::string variant = "v1", out;
};

void command_generate_shop(const GenerateArguments& a) {
  generate_shop({.customers = a.customers,
                 .seed = Seed{a.seed},
                 .clean = a.clean,
                 .variant = a.variant,
                 .events = a.events},
                path_of(a.out));
  std::cerr << "wrote " << counted(a.customers, "customer") << " into " << a.out
            << " (truth.csv holds each one's true probability)\n";
}

struct AudiobooksArguments {
  AudiobooksOptions options;
  uint64_t seed = 0;
  std::string out;
};

void command_generate_audiobooks(AudiobooksArguments a) {
  a.options.seed = Seed{a.seed};
  generate_audiobooks(a.options, path_of(a.out));
  std::cerr << "wrote " << counted(a.options.customers, "customer") << " into " << a.out
            << " (audiobooks.csv, the log of events, truth.csv)\n";
}

struct JourneyArguments {
  JourneyOptions options;
  uint64_t seed = 0;
  bool print_heuristics = false;
  std::string out;
};

void command_generate_journey(JourneyArguments a) {
  if (a.print_heuristics) {
    print(journey_heuristics_text());
    return;
  }
  if (a.out.empty()) {
    throw Error(ErrorCode::kUsage, "--out", "the folder to write into is missing", "Add -o DIR");
  }
  a.options.seed = Seed{a.seed};
  if (!a.options.heuristics_file.empty()) {
    a.options.heuristics = read_file(path_of(a.options.heuristics_file));
  }
  generate_journey(a.options, path_of(a.out));
  std::cerr << "wrote visits.csv, profiles.csv (" << counted(a.options.customers, "profile")
            << ") and truth.csv into " << a.out << "\n";
}

void add_score(CLI::App& app, ScoreArguments& a, std::function<void()>& action) {
  CLI::App* c = app.add_subcommand("score", "score new customers with a saved model");
  c->add_option("MODEL", a.options.model, "model.perennial of a run")->required();
  c->add_option("TABLE", a.options.tables,
                "files, matched to the model's tables by name or columns")
      ->required();
  c->add_option("-o,--out", a.out, "CSV to write (default: stdout)");
  c->add_option("--cutoff", a.options.cutoff,
                "models of events: score as of this date (default: the day after the last event)");
  c->add_option("--threads", a.options.threads, "threads to use (default: all cores)")
      ->check(CLI::Range(0, 1024));
  c->callback([&] { action = [&] { command_score(a); }; });
}

void add_check(CLI::App& app, CheckArguments& a, std::function<void()>& action) {
  CLI::App* c = app.add_subcommand("check", "is a saved model still good on later customers?");
  c->add_option("MODEL", a.options.score.model, "model.perennial of a run")->required();
  c->add_option("TABLE", a.options.score.tables,
                "files, matched to the model's tables by name or columns")
      ->required();
  c->add_flag("--outcomes", a.options.outcomes, "the tables say what came true (target column)");
  c->add_option("--recalibrate", a.options.recalibrate,
                "write the model with probabilities learned anew from the outcomes");
  c->add_option("-o,--out", a.out, "JSON file to write besides (docs/outputs.md)");
  c->add_flag("--json", a.json, "print JSON instead of text");
  c->add_option("--threads", a.options.score.threads, "threads to use (default: all cores)")
      ->check(CLI::Range(0, 1024));
  c->callback([&] { action = [&] { command_check(a); }; });
}

void add_explain(CLI::App& app, ExplainArguments& a, std::function<void()>& action) {
  CLI::App* c = app.add_subcommand("explain", "why one customer got this score");
  c->add_option("MODEL", a.request.score.model, "model.perennial of a run")->required();
  c->add_option("TABLE", a.request.score.tables,
                "files, matched to the model's tables by name or columns")
      ->required();
  c->add_option("--id", a.request.id, "the customer")->required();
  c->add_option("--cutoff", a.request.score.cutoff,
                "models of events: as of this date (default: the day after the last event)");
  c->add_flag("--json", a.json, "print JSON instead of text");
  c->add_option("--threads", a.request.score.threads, "threads to use (default: all cores)")
      ->check(CLI::Range(0, 1024));
  c->callback([&] { action = [&] { command_explain(a); }; });
}

void add_measure(CLI::App& app, MeasureArguments& a, std::function<void()>& action) {
  CLI::App* c = app.add_subcommand("measure", "did a campaign work, and what did it earn");
  c->add_option("CAMPAIGN", a.options.campaign, "campaign.json of a run, campaign.csv beside it")
      ->required();
  c->add_option("OUTCOMES", a.options.outcomes, "table with the customers' ids and what came")
      ->required();
  c->add_option("-o,--out", a.out, "folder for measure.json (default: it is not written)");
  c->add_option("--outcome", a.outcome, "column with the outcome (default: the study's target)");
  c->add_option("--positive", a.positive, "its value that counts as yes (default: the study's)");
  c->add_option("--money", a.money,
                "column with what the customer brought (default: the value at stake, kept or not)");
  c->add_option("--received", a.received, "column that says who really got the offer");
  c->add_option("--absent", a.absent,
                "a customer who is not in the outcomes: missing, or no (the outcome did not come)")
      ->check(CLI::IsMember({"missing", "no"}));
  c->add_flag("--early", a.options.early,
              "look before the end: wider intervals that hold however often you look");
  c->add_flag("--json", a.json, "print JSON instead of text");
  c->add_option("--threads", a.options.threads, "threads to use (default: all cores)")
      ->check(CLI::Range(0, 1024));
  c->callback([&] { action = [&] { command_measure(a); }; });
}

void add_init(CLI::App& app, InitArguments& a, std::function<void()>& action) {
  CLI::App* c = app.add_subcommand("init", "look at the tables, propose a commented study file");
  c->add_option("TABLE", a.tables, "CSV or Parquet files")->required();
  c->add_option("--target", a.target, "the column to predict");
  c->add_option("--positive", a.positive, "the class to look for (default: the rarer one)");
  c->add_option("-o,--out", a.out, "study file to write (default: stdout)");
  c->add_flag("--force", a.force, "replace the file if it exists");
  c->callback([&] { action = [&] { command_init(a); }; });
}

void add_generate(CLI::App& app, GenerateArguments& a, std::function<void()>& action) {
  CLI::App* c = app.add_subcommand("generate", "make example data with a known truth");
  c->require_subcommand(1);
  CLI::App* shop =
      c->add_subcommand("shop", "the four tables of a shop, in Russian, with real dirt");
  shop->add_option("--customers", a.customers, "how many")->check(CLI::Range(1, 100'000'000));
  shop->add_option("--seed", a.seed, "the same seed gives the same files");
  shop->add_flag("--clean", a.clean, "without the dirt");
  shop->add_flag("--events", a.events, "also each purchase and visit behind the months");
  shop->add_option("--variant", a.variant, "v1: commas and points; v2, v3: ; and decimal commas")
      ->check(CLI::IsMember({"v1", "v2", "v3"}));
  shop->add_option("-o,--out", a.out, "folder to write into")->required();
  shop->callback([&] { action = [&] { command_generate_shop(a); }; });
}

void add_generate_audiobooks(CLI::App& app, AudiobooksArguments& a, std::function<void()>& action) {
  CLI::App* c =
      app.get_subcommand("generate")
          ->add_subcommand("audiobooks",
                           "customers of an audiobook shop, as one table and as a log of events");
  c->add_option("--customers", a.options.customers, "how many")->capture_default_str();
  c->add_option("--seed", a.seed, "the same seed gives the same files");
  c->add_option("-o,--out", a.out, "folder to write into")->required();
  c->callback([&] { action = [&] { command_generate_audiobooks(a); }; });
}

void add_generate_journey(CLI::App& app, JourneyArguments& a, std::function<void()>& action) {
  CLI::App* c = app.get_subcommand("generate")
                    ->add_subcommand("journey", "visits, profiles and purchases of a study site");
  c->add_option("--customers", a.options.customers, "profiles")->capture_default_str();
  c->add_option("--visits", a.options.visits, "visits (default: five a profile)");
  c->add_option("--seed", a.seed, "the same seed gives the same files");
  c->add_flag("--dirty", a.options.dirty, "with the faults of real exports");
  c->add_option("--period", a.options.period, "1: 2025, 2: the year after, other people")
      ->capture_default_str();
  c->add_flag("--drift", a.options.drift, "people and habits have changed (see the heuristics)");
  c->add_option("--heuristics", a.options.heuristics_file, "TOML file with numbers to change");
  c->add_flag("--print-heuristics", a.print_heuristics, "print them as such a file, write nothing");
  c->add_option("-o,--out", a.out, "folder to write into");
  c->callback([&] { action = [&] { command_generate_journey(a); }; });
}

void add_docs(CLI::App& app, std::function<void()>& action) {
  CLI::App* c = app.add_subcommand("docs", "print generated documentation")->group("");
  c->add_subcommand("study", "docs/study.md")->callback([&] {
    action = [] { print(study_reference()); };
  });
  c->require_subcommand(1);
}

// CLI11 says of a misspelled command only that one is missing.
void check_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const CLI::App* c : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (c->get_name() == argv[1]) return;
    if (!c->get_group().empty()) names.push_back(c->get_name());
  }
  throw Error(
      ErrorCode::kUsage, "",
      fmt::format("there is no command {}{}", quoted(argv[1]), did_you_mean(argv[1], names)),
      "Commands: " + join(names, ", "));
}

// Tables come and go in large pieces. glibc would give each back to the system and ask for it anew,
// and the system hands out memory page by page, zeroed: a tenth of a run on many customers. So what
// was freed is kept for the next piece.
void keep_memory() {
#if defined(__GLIBC__) && !defined(PERENNIAL_SANITIZED)
  constexpr int kMegabyte = 1 << 20;
  constexpr unsigned kFewCores = 8;  // more threads would wait for each other at one heap
  mallopt(M_MMAP_THRESHOLD, 32 * kMegabyte);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 256 * kMegabyte);
  if (std::thread::hardware_concurrency() <= kFewCores) mallopt(M_ARENA_MAX, 1);
#endif
}

int run_command(int argc, char** argv) {
  CLI::App app{
      "Perennial tells which customers will come back, buy less or subscribe; how sure that is; "
      "and "
      "what is wrong with the data.\n\nStart:  perennial init TABLE... -o study.toml   then   "
      "perennial run study.toml",
      "perennial"};
  app.set_version_flag("--version", std::string("perennial ") + kVersion);
  app.require_subcommand(1);
  std::function<void()> action;
  Common run, audit, explore;
  ScoreArguments score;
  ExplainArguments explain;
  CheckArguments check;
  InitArguments init;
  MeasureArguments measure;
  GenerateArguments generate;
  AudiobooksArguments audiobooks;
  JourneyArguments journey;
  add_init(app, init, action);
  CLI::App* a = app.add_subcommand("audit", "what is wrong with the data; nothing is trained");
  add_study_options(*a, audit);
  a->callback([&] { action = [&] { command_audit(audit); }; });
  CLI::App* x = app.add_subcommand(
      "explore", "what the columns tell of the target and of each other; nothing is trained");
  add_study_options(*x, explore);
  x->add_option("-o,--out", explore.out, "JSON file to write besides (docs/outputs.md)");
  x->callback([&] { action = [&] { command_explore(explore); }; });
  CLI::App* r = app.add_subcommand("run", "audit, features, search, verdict, report");
  add_study_options(*r, run);
  run.out = "perennial-out";
  r->add_option("-o,--out", run.out, "folder for the answers")->capture_default_str();
  r->add_option("--seed", run.seed, "instead of the study's seed")
      ->check(CLI::Validator(
          [](const std::string& text) -> std::string {
            const bool digits = !text.empty() && text.size() <= 18 &&
                                text.find_first_not_of("0123456789") == std::string::npos;
            return digits ? "" : quoted(text) + " is not a whole number from 0";
          },
          "NUMBER"));
  CLI::Option* budget = r->add_option("--budget", run.budget,
                                      "time for the search: 60s, 5m (default: the study's, 60s)")
                            ->check(CLI::Validator(
                                [](const std::string& text) -> std::string {
                                  return seconds_of(text) > 0
                                             ? ""
                                             : quoted(text) + " is not a time such as 60s or 5m";
                                },
                                "TIME"));
  CLI::Option* trials =
      r->add_option("--trials", run.trials, "settings to try: fixes the work instead of the time")
          ->check(CLI::Range(1, 100000));
  CLI::Option* resume = r->add_option(
      "--resume", run.resume,
      "go on with the search of an earlier run (its folder or model), with more time or trials");
  r->add_option("--replay", run.replay, "try the trials of an earlier run again, all of them")
      ->excludes(budget)
      ->excludes(trials)
      ->excludes(resume);
  r->add_flag("--nested", run.nested,
              "also run the whole search on the other folds of each fold: its honest score");
  r->add_flag("--plan", run.plan, "print the plan as JSON and SQL, run nothing");
  r->callback([&] { action = [&] { command_run(run); }; });
  add_score(app, score, action);
  add_check(app, check, action);
  add_explain(app, explain, action);
  add_measure(app, measure, action);
  add_generate(app, generate, action);
  add_generate_audiobooks(app, audiobooks, action);
  add_generate_journey(app, journey, action);
  add_docs(app, action);
  if (argc < 2) {
    std::cerr << app.help();
    return 2;
  }
  check_command(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& e) {
    return app.exit(e);
  } catch (const CLI::CallForAllHelp& e) {
    return app.exit(e);
  } catch (const CLI::CallForVersion& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    app.exit(e);
    return 2;
  }
  action();
  return 0;
}

}  // namespace
}  // namespace perennial

int main(int argc, char** argv) {
  perennial::keep_memory();
  try {
    return perennial::run_command(argc, argv);
  } catch (const perennial::Error& e) {
    std::cerr << "perennial: " << e.what() << "\n";
    return e.exit_code();
  } catch (const std::bad_alloc&) {
    std::cerr << "perennial: memory ran out. Close other programs, or use a machine with more.\n";
    return 1;
  } catch (const std::exception& e) {
    std::cerr << "perennial: a bug of ours: " << e.what()
              << ". Please report it with the command you ran.\n";
    return 70;
  }
}
