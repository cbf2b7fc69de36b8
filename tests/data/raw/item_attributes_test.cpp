#include "data/raw/item_attributes.h"

#include <algorithm>

#include "data/attributes.h"
#include "tests/data/raw/raw_files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::Texts;

IdMap items_of(const Texts& raw) {
  IdMap map{"item", "", {}};
  for (const std::string& id : raw) map.ids.add(id);
  return map;
}

struct Read {
  std::string json;
  Texts attributes, faults;
};

Read read(std::string_view bytes, const Texts& items, const AttributeChoice& choice = {}) {
  Read result;
  const ItemAttributes attributes =
      read_item_attributes(testing::raw_lines(bytes), choice, items_of(items),
                           [&](const std::string& fault) { result.faults.push_back(fault); });
  result.json = to_json(attributes);
  for (int32_t number = 1; number <= attributes.attributes.size(); ++number)
    result.attributes.emplace_back(attributes.attributes.raw(number));
  return result;
}

TEST_CASE("Amazon's metadata: the brand, and of each path of categories all but the first") {
  const char* const metadata =
      "{'asin': 'B1', 'title': \"It's\", 'price': 3.17, 'categories': [['Toys', 'Games', 'Chess'], ['Toys', "
      "'Games']], 'brand': 'Bo'}\n"
      "{'asin': 'unknown', 'categories': [['Toys', 'Dolls']]}\n"
      "{\"asin\": \"B2\", \"category\": [\"Toys\", \"Dolls\", \"Games\"], \"brand\": \"\"}\n"
      "{\"asin\": \"B3\", \"brand\": null}\n{\"asin\": 'B4'\n";
  const Read found = read(metadata, {"B2", "B1", "B3", "B4"});
  CHECK(found.attributes == Texts{"Bo", "Games", "Chess", "Dolls"});
  CHECK(found.json == "{\"2\": [1, 2, 3], \"1\": [4, 2]}");
  CHECK(found.faults == Texts{"log.csv:5: is not JSON at byte 13: a comma or an end is missing"});
  CHECK(read(metadata, {"B2", "B1"}, {.core = 2}).json == "{\"2\": [1], \"1\": [1]}");
  CHECK(read(metadata, {"B2", "B1"}, {.columns = {"brand"}}).json == "{\"2\": [1]}");
  CHECK(read("{\"parent_asin\": \"P\", \"asin\": \"A\", \"store\": \"S\", \"categories\": [\"Toys\", "
             "\"Games, Puzzles\"]}\n",
             {"P"})
            .attributes == Texts{"S", "Games, Puzzles"});
}

TEST_CASE("MovieLens' movies.dat is Latin-1, and read all the same") {
  const Read found = read(
      "1::Caf\xE9 (1990)::Drama|Com\xE9"
      "die\n2::Z (1969)::Drama\n",
      {"1", "2"});
  CHECK(found.attributes == Texts{"Drama",
                                  "Com\xE9"
                                  "die"});
  CHECK(found.faults.empty());
}

TEST_CASE("A first line of JSON at fault is a fault like any other") {
  const Read found = read("{'asin': 'B1',, 'brand': 'x'}\n{'asin': 'B1', 'brand': 'Bo'}\n", {"B1"});
  CHECK(found.attributes == Texts{"Bo"});
  CHECK(found.faults == Texts{"log.csv:1: is not JSON at byte 14: a key is expected"});
}

TEST_CASE("Yelp's categories have commas between them, and may be null") {
  const Read found = read(
      "{\"business_id\": \"b\", \"name\": \"x\", \"categories\": \"Coffee & Tea, Bars\"}\n"
      "{\"business_id\": \"c\", \"categories\": null}\n",
      {"b", "c"});
  CHECK(found.attributes == Texts{"Coffee & Tea", "Bars"});
  CHECK(found.json == "{\"1\": [1, 2]}");
}

TEST_CASE("MovieLens' genres, RecBole's token_seq, HetRec's tags and any csv") {
  CHECK(read("1::Toy Story (1995)::Animation|Comedy\n2::x\n", {"1"}).attributes ==
        Texts{"Animation", "Comedy"});
  CHECK(read("1::a::b\n2::x\n", {"1"}).faults == Texts{"log.csv:2: has 2 fields, expected 3"});
  CHECK(read("movieId,title,genres\n1,\"Toy, Story\",Animation|Comedy\n", {"1"}).json == "{\"1\": [1, 2]}");
  CHECK(read("item_id:token\tmovie_title:token_seq\tclass:token_seq\n1\tToy Story\tAnimation Comedy\n", {"1"})
            .attributes == Texts{"Animation", "Comedy"});
  CHECK(read("userID\tartistID\ttagID\ttimestamp\n2\t52\t13\t1\n3\t52\t13\t1\n2\t52\t15\t1\n", {"52"}).json ==
        "{\"1\": [1, 2]}");
  CHECK(read("sku;colour;size\na;red;9\nb;;9\n", {"a", "b"}, {.columns = {"colour", "Size"}}).json ==
        "{\"1\": [1, 2], \"2\": [2]}");
  CHECK(read("{\"item\": \"a\", \"kinds\": [\"x\", 2, [\"y\"], null, {}], \"n\": \"p|q\"}\n", {"a"},
             {.columns = {"kinds", "n"}})
            .attributes == Texts{"x", "2", "y", "p", "q"});
}

TEST_CASE("Only tsv has quotes among the metadata with tabs") {
  const Read recbole = read(
      "item_id:token\ttitle:token_seq\tgenre:token_seq\ni0\t\"Crocodile\" Dundee\tComedy\n"
      "i1\t\"Open\t\"Drama\n",
      {"i0", "i1"});
  CHECK(recbole.attributes == Texts{"Comedy", "\"Drama"});
  CHECK(recbole.faults.empty());
  const Read tsv = read("item\ttitle\tgenre\ni0\t\"a\tb\"\tComedy\ni0\t\"a\" b\tDrama\n", {"i0"});
  CHECK(tsv.attributes == Texts{"Comedy"});
  CHECK(tsv.faults ==
        Texts{"log.csv:3: something follows a closing quote; a quote within quotes is written twice"});
}

TEST_CASE("The item's column that is named for the log counts where the metadata have it") {
  const char* const csv = "item_id,Code,genres\na,b,Drama\n";
  CHECK(read(csv, {"b"}, {.item = "code"}).json == "{\"1\": [1]}");
  for (const char* name : {"sku", "2"}) CHECK(read(csv, {"a"}, {.item = name}).json == "{\"1\": [1]}");
  const char* const json = "{\"parent_asin\": \"P\", \"asin\": \"A\", \"store\": \"S\"}\n";
  CHECK(read(json, {"A"}, {.item = "asin"}).json == "{\"1\": [1]}");
  CHECK(read(json, {"P"}, {.item = "sku"}).json == "{\"1\": [1]}");
}

TEST_CASE("An attribute that no map could hold is a fault of its line") {
  const Read json = read(
      "{\"asin\": \"a\", \"brand\": \"x\\u0000\"}\n{\"asin\": \"b\", \"brand\": \"y\"}\n"
      "{\"asin\": \"c\", \"brand\": \"" +
          std::string(5000, 'z') + "\"}\n",
      {"a", "b", "c"});
  CHECK(json.attributes == Texts{"y"});
  CHECK(json.faults == Texts{"log.csv:1: an attribute has a NUL",
                             "log.csv:3: an attribute has 5000 bytes, more than the 4096 that are read"});
  const Read csv = read("movieId,genres\n1,a|" + std::string(4097, 'z') + "\n2,a|b\n", {"1", "2"});
  CHECK(csv.json == "{\"2\": [1, 2]}");
  CHECK(csv.faults == Texts{"log.csv:2: an attribute has 4097 bytes, more than the 4096 that are read"});
}

TEST_CASE("What is written is what read_attributes() reads") {
  const testing::TemporaryFolder folder;
  const Read found = read("movieId,genres\n1,a|b\n3,b\n", {"1", "2", "3"});
  const Attributes attributes = read_attributes(folder.write("x.json", found.json), 3);
  CHECK(std::ranges::equal(attributes.of(1), std::vector{1, 2}));
  CHECK(attributes.of(2).empty());
  CHECK(std::ranges::equal(attributes.of(3), std::vector{2}));
}

TEST_CASE("Metadata without columns or without items of ours is refused") {
  CHECK(message_of([] { read("sku,colour\na,red\n", {"a"}); }, ExitCode::usage) ==
        "log.csv:1: which columns are attributes? Say it with --attribute-columns");
  CHECK(message_of([] { read("x,genres\na,red\n", {"a"}); }, ExitCode::usage) ==
        "log.csv:1: which column is the item? None is called as usual; rename it, for example to item");
  CHECK(
      message_of([] { read("x,genres\na,red\n", {"a"}, {.item = "code"}); }, ExitCode::usage) ==
      "log.csv:1: which column is the item? None is called \"code\" (--item-column) or as usual; rename it, "
      "for example to item");
  CHECK(message_of([] { read("1::x::Drama\n", {"1"}, {.columns = {"year"}}); }, ExitCode::usage) ==
        "--attribute-columns: log.csv is read as movielens, whose columns have no names");
  CHECK(message_of([] { read("sku,x\na,red\n", {"a"}, {.columns = {"y"}}); }, ExitCode::usage) ==
        "--attribute-columns y: log.csv:1 has no such column");
  CHECK(message_of([] { read("sku,genres\na,red\n", {"b"}); }) ==
        "log.csv: gives none of the 1 items an attribute");
  CHECK(message_of([] { read("", {"b"}); }) == "log.csv: is empty");
}

}  // namespace
}  // namespace cce
