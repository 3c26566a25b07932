// Which picture is kept where: one texture each.
#pragma once

namespace tally::viz {

enum PictureSlot : int {
  kOverviewSlot,
  kTimelineSlot,
  kDepthSlot,
  kDepthScaleSlot,
  kStealSlot,
  kPictureSlots,
};

}  // namespace tally::viz
