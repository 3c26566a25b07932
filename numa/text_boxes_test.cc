#include "numa/text_boxes.h"

#include "gtest/gtest.h"

namespace tally {
namespace {

using Lines = std::vector<std::string>;

TEST(TextBoxes, WidthIsInCharactersNotBytes) {
  EXPECT_EQ(TextWidth("─×…"), 3);
  EXPECT_EQ(Shorten("Größe 12", 5), "Größ…");
  EXPECT_EQ(Shorten("Größe", 5), "Größe");
}

TEST(TextBoxes, WordsFillLines) {
  EXPECT_EQ(FillWords({"a", "bb", "ccc", "d"}, 4).lines, (Lines{"a bb", "ccc", "d"}));
  EXPECT_EQ(FillWords({"toolongword"}, 4).lines, (Lines{"too…"}));
}

TEST(TextBoxes, ABoxIsAsWideAsItsContentOrItsTitleOrAsAskedFor) {
  const TextBlock content = FillWords({"x"}, 10);
  EXPECT_EQ(Box("L3 0", content, 0, 40).lines, (Lines{"┌ L3 0 ┐",  //
                                                      "│ x    │",  //
                                                      "└──────┘"}));
  EXPECT_EQ(Box("L3 0", content, 10, 40).lines, (Lines{"┌ L3 0 ──┐",  //
                                                       "│ x      │",  //
                                                       "└────────┘"}));
  EXPECT_EQ(Box("a long title", content, 0, 10).lines[0], "┌ a lon… ┐");
}

TEST(TextBoxes, BlocksFlowIntoRows) {
  const TextBlock tall = {{"aa", "aa"}, 2};
  const TextBlock flat = {{"b"}, 1};
  EXPECT_EQ(Flow({tall, flat, tall}, 4).lines, (Lines{"aa b", "aa  ", "aa", "aa"}));
  EXPECT_EQ(Flow({}, 4).width, 0);
}

}  // namespace
}  // namespace tally
