#include "tools/completion.h"

#include <cstdlib>

#include "tests/data/files.h"
#include "tools/command_options.h"
#include "tools/durable_file.h"

namespace cce {
namespace {

using testing::TemporaryFolder;

TEST_CASE("the manual page has every command and every option") {
  const std::string page = manual_page("1.2.3");
  CHECK(page.starts_with(".TH CCE_REC 1 \"\" \"cce_rec 1.2.3\"\n"));
  for_each_table([&](const OptionTable& table) {
    CAPTURE(table.command);
    const size_t section = page.find("\n.SS " + table.command + "\n");
    REQUIRE(section != std::string::npos);
    for (const Option& option : table.options) {
      std::string name = "\\fB--" + option.name;
      for (size_t at = 3; (at = name.find('-', at)) != std::string::npos; at += 2) name.insert(at, "\\");
      CAPTURE(name);
      CHECK(page.find(name, section) != std::string::npos);
    }
  });
}

TEST_CASE("the manual page has every variable there is, and every file of a run") {
  const std::string page = manual_page("1.2.3");
  CHECK(page.find("(\\-\\-data and\n\\-\\-print\\-config have no variable)") != std::string::npos);
  for (const char* file : {"items.tsv", "resume.safetensors", "events.out.tfevents.cce_rec"}) {
    CAPTURE(file);
    CHECK(page.find(file) != std::string::npos);
  }
}

TEST_CASE("descriptions are in one line in every shell") {
  for (const char* shell : {"zsh", "fish"}) {
    CAPTURE(shell);
    CHECK(completion_script(shell).find("metric the difference, its 95 % bootstrap interval") !=
          std::string::npos);
  }
}

TEST_CASE("the scripts have every option of every command") {
  for (const std::string& shell : completion_shells()) {
    const std::string script = completion_script(shell);
    for_each_table([&](const OptionTable& table) {
      for (const Option& option : table.options) {
        CAPTURE(shell);
        CAPTURE(option.name);
        CHECK(script.find(shell == "fish" ? "-l " + option.name : "--" + option.name) != std::string::npos);
      }
    });
  }
}

/// What bash offers for the last of these words, in a folder with a file `my.txt`.
std::string bash_offers(const std::string& words) {
  const TemporaryFolder folder;
  folder.write("my.txt", "");
  folder.write("script", completion_script("bash"));
  folder.write("ask", "source ./script; compopt() { echo \"compopt $*\"; }; COMP_WORDS=(" + words +
                          "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cce_rec; echo \"${COMPREPLY[*]}\"");
  REQUIRE(std::system(("cd " + folder.path().string() + " && bash ask > answer").c_str()) == 0);
  std::string answer = read_file(folder / "answer", 99'999);
  answer.pop_back();
  return answer;
}

TEST_CASE("bash: commands, options and values are completed") {
  CHECK(bash_offers("cce_rec ev") == "evaluate");
  CHECK(bash_offers("cce_rec train --mo") == "--model");
  CHECK(bash_offers("cce_rec train --model ''").starts_with("gru4rec sasrec s3rec bert4rec"));
  CHECK(bash_offers("cce_rec train --model = s") == "sasrec s3rec");
  CHECK(bash_offers("cce_rec train --model =").starts_with("gru4rec sasrec s3rec bert4rec"));
  CHECK(bash_offers("cce_rec train --loss bpr") == "bpr bpr-max");
  CHECK(bash_offers("cce_rec train --epochs ''") == "");
  CHECK(bash_offers("cce_rec train --data to") == "compopt -o default\ntoys");
  CHECK(bash_offers("cce_rec recommend --checkpoint ''") == "compopt -o default\n");
  CHECK(bash_offers("cce_rec pretrain --model ''") == "s3rec");
  CHECK(bash_offers("cce_rec data st") == "stats");
  CHECK(bash_offers("cce_rec data get to") == "toys");
  CHECK(bash_offers("cce_rec data get l") == "lastfm");
  CHECK(bash_offers("cce_rec data stats demo to") == "compopt -o default\ntoys");
  CHECK(bash_offers("cce_rec data validate --form") == "compopt -o default\n--format");
  CHECK(bash_offers("cce_rec data prepare to") == "compopt -o default\n");
  CHECK(bash_offers("cce_rec data list to") == "");
  CHECK(bash_offers("cce_rec completion z") == "zsh");
  CHECK(bash_offers("cce_rec report ''") == "compopt -o default\n--out --overwrite --title --help");
  CHECK(bash_offers("cce_rec compare R") == "compopt -o default\n");
}

TEST_CASE("zsh: understands its script") {
  const TemporaryFolder folder;
  const std::string script = folder.write("_cce_rec", completion_script("zsh"));
  CHECK(std::system(("zsh -n " + script).c_str()) == 0);
  const std::string load = "zsh -fc 'autoload -U compinit && compinit -u -D && source " + script +
                           " && [ \"$_comps[cce_rec]\" = _cce_rec ]'";
  CHECK(std::system(load.c_str()) == 0);
  CHECK(completion_script("zsh").find(
            "'*:data:{case $words[2] in get) compadd -- beauty sports toys yelp lastfm "
            "demo;; stats) compadd -- beauty") != std::string::npos);
}

TEST_CASE("fish: completes commands, options and values") {
  const TemporaryFolder folder;
  const std::string script = folder.write("cce_rec.fish", completion_script("fish"));
  const auto offers = [&](const std::string& line) {
    const std::string ask = "HOME=" + folder.path().string() + " fish -c 'source " + script +
                            "; complete -C \"" + line + "\"' > " + (folder / "answer");
    CHECK(std::system(ask.c_str()) == 0);
    return read_file(folder / "answer", 99'999);
  };
  CHECK(offers("cce_rec ev").starts_with("evaluate\t"));
  CHECK(offers("cce_rec train --mod").starts_with("--model\t"));
  CHECK(offers("cce_rec train --loss lam").starts_with("lambdarank\t"));
  CHECK(offers("cce_rec data st").starts_with("stats"));
  CHECK(offers("cce_rec data get prep") == "");
  CHECK(offers("cce_rec data get toy").starts_with("toys"));
  CHECK(offers("cce_rec data validate demo toy").starts_with("toys"));
}

}  // namespace
}  // namespace cce
