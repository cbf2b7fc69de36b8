#include "data/raw/raw_format.h"

#include "tests/data/raw/raw_files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::RawFile;
using testing::read_raw;
using testing::Texts;

std::string usage_of(std::string_view bytes, const ColumnChoice& choice = {},
                     const std::string& format = "") {
  return message_of([&] { read_raw(bytes, choice, format); }, ExitCode::usage);
}

TEST_CASE("csv: columns are found by their usual names, or by those that are said") {
  const RawFile file = read_raw(
      "\xEF\xBB\xBFUser_ID,Item ID,x,Timestamp\r\nAnn Lee,\"a, \"\"b\"\"\",,14\r\ncaf\xC3\xA9,t\tb,,15\r\n");
  CHECK(file.format == "csv");
  CHECK(file.interactions == Texts{"Ann Lee|a, \"b\"|14000000", "caf\xC3\xA9|t\tb|15000000"});
  CHECK(file.faults.empty());
  CHECK(read_raw("who;what;price\nAnn;milk;1\n", {.user = "who", .item = "What"}).interactions ==
        Texts{"Ann|milk"});
  CHECK(read_raw("user|item\nAnn|milk\n").interactions == Texts{"Ann|milk"});
  CHECK(read_raw("user,item,time\nAnn,milk,\n", {.time = "none"}).interactions == Texts{"Ann|milk"});
  CHECK(read_raw("user,item,stars\nAnn,milk,4.5\n", {.wants_rating = true}).interactions ==
        Texts{"Ann|milk|4.5"});
}

TEST_CASE("csv: a column that is not there is a wrong use that names what there is") {
  CHECK(usage_of("a,b\n1,2\n") ==
        "log.csv:1: which column is the user? Say it with --user-column; there are a, b");
  CHECK(usage_of("user,b\n1,2\n") ==
        "log.csv:1: which column is the item? Say it with --item-column; there are user, b");
  CHECK(usage_of("user,item\n1,2\n", {.user = "customer"}) ==
        "--user-column customer: log.csv:1 has no such column, only user, item");
  CHECK(usage_of("user,item\n1,2\n", {.wants_rating = true})
            .starts_with("log.csv:1: which column is the rating?"));
  CHECK(usage_of("user,item\n1,2\n", {.item = "user"}) ==
        "log.csv:1: the user and the item are in one column; name two");
}

TEST_CASE("csv: every kind of fault is told with its line, and the rest is read") {
  const RawFile file = read_raw(
      "user,item,time,rating\nu,i,1,1\nu,i\n,i,1,1\nu,,1,1\nu,i,,1\nu,i,noon,1\nu,i,1,\nu,i,1,good\nu,\"i,1,"
      "1\nu,j,2,2\n",
      {.wants_rating = true});
  CHECK(file.interactions == Texts{"u|i|1000000|1", "u|j|2000000|2"});
  CHECK(
      file.faults ==
      Texts{"log.csv:3: has 2 fields, where the header has 4", "log.csv:4: has no user",
            "log.csv:5: has no item",
            "log.csv:6: has no time (--time-column none takes the order of the file instead)",
            "log.csv:7: time \"noon\" is not a number or a date like 2019-01-31 15:30:00",
            "log.csv:8: has no rating", "log.csv:9: rating \"good\" is not a number",
            "log.csv:10: a quote that begins a field is not closed, here or behind; a quote within quotes is "
            "written twice"});
  const std::string long_id = "user,item\n" + std::string(5000, 'x') + ",i\n";
  CHECK(read_raw(long_id).faults ==
        Texts{"log.csv:2: the id of its user has 5000 bytes, more than the 4096 that are read"});
}

TEST_CASE("A file without a header has its columns by their numbers") {
  CHECK(read_raw("196,242,3,881250949\n", {.user = "1", .item = "2", .time = "4", .no_header = true}, "csv")
            .interactions == Texts{"196|242|881250949000000"});
  const ColumnChoice beyond{.user = "1", .item = "3", .no_header = true};
  CHECK(read_raw("a\tb\nc\td\te\n", beyond, "tsv").faults ==
        Texts{"log.csv:1: has 2 fields, and none with the number 3",
              "log.csv:2: has 3 fields, where the first line has 2"});
  CHECK(usage_of("a,b\n", {.no_header = true}, "csv") ==
        "log.csv: without a header, say which columns there are, from 1: --user-column 1 --item-column 2");
  CHECK(usage_of("a,b\n", {.user = "a", .item = "2", .no_header = true}, "csv") ==
        "--user-column a: without a header, columns have numbers, from 1");
}

TEST_CASE("tsv: fields have tabs between them, and quotes where they need them") {
  const RawFile file = read_raw("customer\tproduct\tdate\nAnn, B\t\"a\tb\"\t2019-01-01\n");
  CHECK(file.format == "tsv");
  CHECK(file.interactions == Texts{"Ann, B|a\tb|1546300800000000"});
}

TEST_CASE("MovieLens, both ways") {
  const RawFile ten = read_raw("1::1193::5::978300760\n1::661::3::978302109\n2::1\n");
  CHECK(ten.format == "movielens");
  CHECK(ten.interactions == Texts{"1|1193|978300760000000", "1|661|978302109000000"});
  CHECK(ten.faults == Texts{"log.csv:3: has 2 fields, where the first line has 4"});
  CHECK(read_raw("1::1193::5::978300760\n", {.wants_rating = true}).interactions ==
        Texts{"1|1193|978300760000000|5"});
  const RawFile csv =
      read_raw("userId,movieId,rating,timestamp\n1,2,3.5,1112486027\n", {.wants_rating = true});
  CHECK(csv.format == "movielens-csv");
  CHECK(csv.interactions == Texts{"1|2|1112486027000000|3.5"});
}

TEST_CASE("MovieLens: its columns have no names, so that options which name them are a wrong use") {
  const char* const line = "1::1193::5::978300760\n";
  CHECK(usage_of(line, {.item = "3"}) ==
        "--item-column: log.csv is read as movielens, whose columns are user::item::rating::time and have no "
        "names");
  CHECK(usage_of(line, {.user = "2"}).starts_with("--user-column: "));
  CHECK(usage_of(line, {.time = "3"}).starts_with("--time-column: "));
  CHECK(usage_of(line, {.rating = "4"}).starts_with("--rating-column: "));
  CHECK(read_raw(line, {.time = "none"}).interactions == Texts{"1|1193"});
}

TEST_CASE("RecBole: the header has types") {
  const RawFile file =
      read_raw("user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t\"242\t3\t881250949.0\n",
               {.wants_rating = true});
  CHECK(file.format == "recbole");
  CHECK(file.interactions == Texts{"196|\"242|881250949000000|3"});
  CHECK(read_raw("session_id:token\titem_id:token\n1\t2\n").interactions == Texts{"1|2"});
}

TEST_CASE("GRU4Rec: a session is a user") {
  const RawFile file = read_raw("SessionId\tItemId\tTime\n1\t214536502\t1396861749.277\n");
  CHECK(file.format == "gru4rec");
  CHECK(file.interactions == Texts{"1|214536502|1396861749277000"});
}

TEST_CASE("Amazon: reviews of 2014, 2018 and 2023") {
  const RawFile old = read_raw(
      "{\"reviewerID\": \"A2SUAM1J3GNN3B\", \"asin\": \"0000013714\", \"helpful\": [2, 3], \"reviewText\": "
      "\"I \\\"like\\\" it\", "
      "\"overall\": 5.0, \"unixReviewTime\": 1252800000, \"reviewTime\": \"09 13, 2009\"}\n"
      "{\"asin\": \"B1\", \"unixReviewTime\": 1}\n{\"reviewerID\": null, \"asin\": \"B1\", "
      "\"unixReviewTime\": 1}\n"
      "{\"reviewerID\": \"A\", \"asin\": \"B\"}\n{\"reviewerID\": \"A\", \"asin\": \"B\"\n[]\n\n"
      "{\"unixReviewTime\": \"2\", \"asin\": 7, \"reviewerID\": \"A\"}\n");
  CHECK(old.format == "amazon");
  CHECK(old.interactions == Texts{"A2SUAM1J3GNN3B|0000013714|1252800000000000", "A|7|2000000"});
  CHECK(old.faults == Texts{"log.csv:2: has no \"reviewerID\"", "log.csv:3: has no \"reviewerID\"",
                            "log.csv:4: has no time (--time-column none takes the order of the file instead)",
                            "log.csv:5: is not JSON at byte 31: a comma or an end is missing",
                            "log.csv:6: is not JSON at byte 0: an object is expected"});
  const RawFile latest = read_raw(
      "{\"rating\": 4.0, \"title\": \"x\", \"asin\": \"B0V\", \"parent_asin\": \"B0P\", \"user_id\": \"AE\", "
      "\"timestamp\": 1588687728923}\n",
      {.wants_rating = true});
  CHECK(latest.format == "amazon");
  CHECK(latest.interactions == Texts{"AE|B0P|1588687728923000|4"});
}

TEST_CASE("Yelp: reviews with dates") {
  const RawFile file = read_raw(
      "{\"review_id\":\"r\",\"user_id\":\"u\",\"business_id\":\"b\",\"stars\":4.0,\"text\":\"\",\"date\":"
      "\"2019-12-13 15:51:19\"}\n");
  CHECK(file.format == "yelp");
  CHECK(file.interactions == Texts{"u|b|1576252279000000"});
}

TEST_CASE("Other JSON lines: keys are found as the columns of a header are") {
  CHECK(read_raw("{\"user\": 12, \"item\": \"x\"}\n").format == "jsonl");
  CHECK(read_raw("{\"who\": \"a\\tb\", \"what\": \"c\\u0000\"}\n{\"who\": \"a\", \"what\": \"c\"}\n",
                 {.user = "who", .item = "what"})
            .faults == Texts{"log.csv:1: the id of its item has a NUL"});
  CHECK(usage_of("{\"who\": 1}\n").starts_with("log.csv:1: which column is the user?"));
  CHECK(usage_of("{\"user\": 1, \"item\": 2}\n", {.no_header = true}) ==
        "--no-header: log.csv is JSON, which has none; leave the option out");
}

TEST_CASE("JSON lines: a first line at fault is a fault like any other") {
  const RawFile broken = read_raw("\n{\"user\": }\n{\"user\": 1, \"item\": 2}\n");
  CHECK(broken.format == "jsonl");
  CHECK(broken.faults == Texts{"log.csv:2: is not JSON at byte 9: a value is expected"});
  CHECK(broken.interactions == Texts{"1|2"});
  const RawFile kinds =
      read_raw("{\"user\": [1], \"item\": 2}\n{\"user\": 1, \"item\": {}}\n{\"user\": true, \"item\": 2}\n");
  CHECK(kinds.faults == Texts{"log.csv:1: has another value at byte 9: text or a number is expected",
                              "log.csv:2: has another value at byte 20: text or a number is expected",
                              "log.csv:3: has another value at byte 9: text or a number is expected"});
}

TEST_CASE("Ids that are not UTF-8 are faults, but other columns may be in any encoding") {
  const RawFile file = read_raw("user,item,title\nM\xFCller,a,b\nu,caf\xE9,b\nu,i,caf\xE9\n");
  CHECK(file.faults ==
        Texts{"log.csv:2: the id of its user, \"M\\xfcller\", is not UTF-8; convert the file: iconv "
              "-f latin1 -t utf-8",
              "log.csv:3: the id of its item, \"caf\\xe9\", is not UTF-8; convert the file: iconv -f "
              "latin1 -t utf-8"});
  CHECK(file.interactions == Texts{"u|i"});
}

TEST_CASE("A header that looks like another format's is a wrong use that names it") {
  CHECK(usage_of("user,item\nu,i\n", {}, "tsv") ==
        "log.csv:1: the header has no tab, which tsv has between columns, but looks like csv; say --format "
        "csv");
  CHECK(usage_of("user\titem\nu\ti\n", {}, "csv") ==
        "log.csv:1: the header has no comma, which csv has between columns, but looks like tsv; say --format "
        "tsv");
}

TEST_CASE("JSON lines: a time is in all of them or in none") {
  const char* const late =
      "{\"user\": 1, \"item\": 2, \"x\": 0}\n{\"user\": 1, \"item\": 3, \"Time\": 5}\n"
      "{\"user\": 1, \"item\": 4, \"time\": null, \"y\": 1}\n";
  const RawFile guessed = read_raw(late);
  CHECK(guessed.interactions == Texts{"1|2", "1|4"});
  CHECK(guessed.faults ==
        Texts{"log.csv:2: has a \"Time\", and the first line has no time; give all lines one, or say "
              "--time-column Time (lines without it are at fault) or none (the order of the file)"});
  CHECK(read_raw(late, {.time = "none"}).interactions == Texts{"1|2", "1|3", "1|4"});
  const RawFile named = read_raw(late, {.time = "Time"});
  CHECK(named.interactions == Texts{"1|3|5000000"});
  CHECK(named.faults ==
        Texts{"log.csv:1: has no \"Time\", which --time-column names",
              "log.csv:3: has no time (--time-column none takes the order of the file instead)"});
  CHECK(read_raw("{\"user\": 1, \"item\": 2, \"time\": 5}\n{\"user\": 1, \"item\": 3}\n").faults.size() == 1);
}

TEST_CASE("HetRec: times are in milliseconds, and of repeats the first in the file counts") {
  const RawFile file =
      read_raw("userID\tartistID\ttagID\ttimestamp\n2\t52\t13\t1238536800000\n2\t52\t15\t-1000\n");
  CHECK(file.format == "lastfm");
  CHECK(file.interactions == Texts{"2|52|1238536800000000", "2|52|-1000000"});
  CHECK(find_raw_format("lastfm")->repeats == Repeats::first_read);
  CHECK(read_raw("userID\tartistID\tweight\n2\t51\t13883\n").has_times == false);
}

TEST_CASE("S3-Rec text: words in the order of time, a user on as many lines as it takes") {
  const RawFile file = read_raw("ann milk  bread\nbo\n \nann\teggs\n");
  CHECK(file.format == "s3rec");
  CHECK(file.interactions == Texts{"ann|milk", "ann|bread", "ann|eggs"});
  CHECK(file.faults == Texts{"log.csv:2: user \"bo\" has no items"});
  CHECK(!file.has_times);
  CHECK(read_raw("a b\n", {.time = "none"}).interactions == Texts{"a|b"});
  const std::string refusal =
      ": log.csv is read as s3rec, which has users and items only; leave the option out";
  CHECK(usage_of("a b\n", {.user = "x"}) == "--user-column" + refusal);
  CHECK(usage_of("a b\n", {.wants_rating = true}) == "--min-rating" + refusal);
  CHECK(usage_of("a b\n", {.no_header = true}) == "--no-header" + refusal);
  CHECK(usage_of("a b\n", {.unit = TimeUnit::milliseconds}) == "--time-unit" + refusal);
}

TEST_CASE("What is of no known format is told, with the formats there are") {
  const std::string message = usage_of("hello\n");
  CHECK(
      message.starts_with("log.csv: begins with \"hello\", which is the beginning of no known format; say it "
                          "with --format csv|tsv|jsonl|movielens|"));
  CHECK(message_of([] { read_raw("[{\"user\": 1}]\n"); }) ==
        "log.csv: is a list in JSON; write an object on each line first: jq -c '.[]'");
  CHECK(message_of([] { read_raw("\n\n"); }) == "log.csv: is empty");
  for (const char* metadata :
       {"{'asin': '1', 'brand': 'x'}\n", "{\"business_id\": \"b\", \"name\": \"x\"}\n"}) {
    CHECK(
        usage_of(metadata) ==
        "log.csv: has no users, but describes items; give it with --metadata, and the file of reviews here");
  }
}

}  // namespace
}  // namespace cce
