// The options of the commands that use a trained model.
#include "tools/command_options.h"
#include "tools/named_choices.h"
#include "tools/option_rows.h"

namespace cce {
namespace {

constexpr const char* kAsSaved = "as the checkpoint says";
/// How an id is given that has control characters in it.
constexpr const char* kAsJson = "give it as JSON, in which a tab is \\t: '\"a\\tb\"'";

OptionTable table_with(std::vector<Option> own, CheckpointOptions& o) {
  std::vector<Option> rows = {
      {"checkpoint", "Model", text(o.checkpoint, "RUN|FILE"), "a run folder, or a file of weights"},
      {"model", "Model", choice(o.model, model_names()), "what the weights belong to", kAsSaved},
      {"max-length", "Model", integer(o.max_length, 1, kMany),
       "positions of a sequence that are used, the last", kAsSaved},
      {"heads", "Model", integer(o.heads, 1, kMany), "attention heads of a block", kAsSaved},
      {"padding", "Model", choice(o.padding, choice_names(kLeftPaddingChoices)),
       "left: gru4rec reads the padding before a sequence, too", kAsSaved},
      {"reset-gate", "Model", choice(o.reset_gate, choice_names(kResetGateChoices)),
       "side of the matrix on which gru4rec's reset gate stands", kAsSaved},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  rows.push_back(device_option(o.device));
  rows.push_back(threads_option(o.threads));
  return {.command = "", .description = "", .options = std::move(rows), .configurable = true};
}

Option top_option(int& variable) {
  return {"top", "Answer", integer(variable, 1, kMany), "how many items to name"};
}

Option items_option(std::string& variable) {
  return {"items", "Model", text(variable, "FILE"),
          "map of the ids that items have in the data's source, as data prepare makes it",
          "items.tsv beside the weights"};
}

}  // namespace

OptionTable table_of(EvaluateOptions& o) {
  OptionTable table = table_with(
      {
          data_option(o.data),
          {"split", "Evaluation", choice(o.split, {"valid", "test"}),
           "the item to find: last but one, or last"},
          seen_option(o.seen),
          {"ties", "Evaluation", choice(o.ties, choice_names(kTiesChoices)),
           "how many of the items that score as the answer does rank before it"},
          {"by-timestamp", "Evaluation", flag(o.by_timestamp),
           "rank at every timestamp of the sequences: of training, validation and test"},
          {"json", "Evaluation", flag(o.json), "print one JSON object and nothing else"},
          {"save", "Evaluation", text(o.save, "FILE"),
           "write that JSON object, and what it is of, into this file", "none"},
      },
      o);
  table.command = "evaluate";
  table.description = "Ranks all items for every user of a data set and prints HR, NDCG and MRR.";
  return table;
}

OptionTable table_of(RecommendOptions& o) {
  OptionTable table = table_with(
      {
          {"history", "Answer", text(o.history, "ID,ID,...", kAsJson),
           "what a user had so far, from old to new", "many histories, on standard input"},
          items_option(o.items),
          top_option(o.top),
          seen_option(o.seen),
          {"json", "Answer", flag(o.json), "print one JSON object and nothing else"},
      },
      o);
  table.command = "recommend";
  table.description = "Names the items that a trained model expects next, for one history or many.";
  table.footer =
      "For example:\n"
      "  cce_rec recommend --checkpoint runs/gru4rec-cce-demo-42 --history 17,93,4\n"
      "  cce_rec recommend --checkpoint runs/gru4rec-cce-demo-42 < histories > answers.jsonl\n"
      "Standard input has a history a line, answered by a line of JSON each, in the same order:\n"
      "  17 93 4                                        ids with blanks or commas between them\n"
      "  \"a b\", \"c,d\", \"tab\\there\"                      odd ids in quotes, as JSON writes text\n"
      "  [17, \"a b\", \"c,d\"]                             or all of it as a JSON list\n"
      "  {\"user\": \"Ann\", \"history\": [17, 93, 4]}        or object, with the user's name if you like\n"
      "--history takes each of these, too: --history '\"a b\", \"c,d\"'. Every id that is printed can be "
      "given back\n"
      "as it is printed.\n"
      "A model that was trained on what data prepare made takes and names the items by their raw ids.";
  return table;
}

OptionTable table_of(SimilarOptions& o) {
  OptionTable table = table_with(
      {
          {"item", "Answer", text(o.item, "ID", kAsJson), "the item to compare with"},
          items_option(o.items),
          top_option(o.top),
          {"json", "Answer", flag(o.json), "print one JSON object and nothing else"},
      },
      o);
  table.command = "similar";
  table.description = "Names the items whose embeddings have the greatest cosine with that of an item.";
  table.footer =
      "For example:\n"
      "  cce_rec similar --checkpoint runs/gru4rec-cce-demo-42 --item 17\n"
      "An id with blanks or commas is given as it stands (--item 'a b') or as it is printed, as text in "
      "JSON;\n"
      "one with tabs, or that begins with a quote or a bracket, as text in JSON: --item '\"a\\tb\"'.";
  return table;
}

}  // namespace cce
