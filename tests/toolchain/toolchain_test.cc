// Every library of third_party/ compiles, links and answers, whatever the compiler. When this
// fails and everything else does too, look at the machine's packages first.

#include <hwloc.h>
#include <png.h>

#include <boost/context/detail/fcontext.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "imgui.h"

ABSL_FLAG(int, workers, 1, "a flag that the test parses");

namespace tally {
namespace {

TEST(ToolchainTest, AbseilCarriesStatusesAndFlags) {
  const absl::StatusOr<int> refused = absl::InvalidArgumentError(absl::StrFormat("%d workers", 0));
  EXPECT_EQ(refused.status().message(), "0 workers");

  std::string program = "tally", flag = "--workers=4";
  std::vector<char*> args = {program.data(), flag.data()};
  absl::ParseCommandLine(static_cast<int>(args.size()), args.data());
  EXPECT_EQ(absl::GetFlag(FLAGS_workers), 4);
}

TEST(ToolchainTest, HwlocReadsASyntheticMachine) {
  hwloc_topology_t topology;
  ASSERT_EQ(hwloc_topology_init(&topology), 0);
  ASSERT_EQ(hwloc_topology_set_synthetic(topology, "package:2 numa:1 core:8 pu:1"), 0);
  ASSERT_EQ(hwloc_topology_load(topology), 0);
  EXPECT_EQ(hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU), 16);
  hwloc_topology_destroy(topology);
}

void AddOneAndReturn(boost::context::detail::transfer_t from) {
  ++*static_cast<int*>(from.data);
  boost::context::detail::jump_fcontext(from.fctx, nullptr);
}

TEST(ToolchainTest, FcontextSwitchesToAFiberAndBack) {
  std::vector<char> stack(64 * 1024);
  const auto fiber = boost::context::detail::make_fcontext(stack.data() + stack.size(),
                                                           stack.size(), AddOneAndReturn);
  int count = 0;
  boost::context::detail::jump_fcontext(fiber, &count);
  EXPECT_EQ(count, 1);
}

TEST(ToolchainTest, ImGuiDrawsAFrameWithoutAWindow) {
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = ImVec2(640, 480);
  io.IniFilename = nullptr;
  unsigned char* pixels;
  int width, height;
  io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
  ImGui::NewFrame();
  ImGui::GetForegroundDrawList()->AddText(ImVec2(10, 10), IM_COL32_WHITE, "16 workers");
  ImGui::Render();
  EXPECT_GT(ImGui::GetDrawData()->TotalVtxCount, 0);
  ImGui::DestroyContext();
}

TEST(ToolchainTest, FormatsForFilesAreThere) {
  EXPECT_THAT(nlohmann::json({{"workers", 4}}).dump(), testing::HasSubstr("\"workers\":4"));
  EXPECT_GT(png_access_version_number(), 10600u);
}

}  // namespace
}  // namespace tally
