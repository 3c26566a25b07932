#include "sim/replay/replay.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "scheduler/trace/recording_writer.h"
#include "sim/replay/story.h"

namespace tally {
namespace {

// Everything that a scheduler does, once.
Story WholeStory() {
  Story story(3, 2);
  story.Outside().SpawnTo(0, 1, 100).SpawnTo(1, 2).SpawnTo(0, 3).WaitBegin(0, 100);
  story.On(0).Take(1, 0).Take(3, 0, Place::kOwnDeque).Wake(1).Begin(1, Place::kHand);
  story.Spawn(10, 200).Spawn(11, 200, Priority::kHigh).Spawn(12, 200).Depth(4);
  story.On(1)
      .Park()
      .Unpark()
      .StealFail(2)
      .Steal(3, 0)
      .Begin(3, Place::kHand)
      .Touch(3, 4096, 1)
      .End(3);
  story.On(2).Take(2, 1).Begin(2, Place::kHand).SpawnInline(20).Begin(20, Place::kInline).End(20);
  story.SpawnTo(1, 21, 300).SpawnTo(1, 22, 300).WaitBegin(2, 300);
  story.On(1).Take(21, 1, Place::kOwnDeque).Begin(21).End(21);
  story.On(2).Reclaim(22, 1).Begin(22, Place::kHand).End(22).WaitEnd(2, 300).End(2);
  story.On(0)
      .WaitBegin(1, 200)
      .Begin(11, Place::kOwnDeque, Priority::kHigh)
      .End(11, Priority::kHigh);
  story.On(1).Steal(10, 0, Place::kOwnDeque).Begin(10).End(10);
  story.On(2).Steal(12, 0, Place::kInjector);  // into node 1's
  story.On(1).Take(12, 1).Begin(12, Place::kHand).End(12);
  story.On(0).Park().Unpark().WaitEnd(1, 200).End(1);
  story.Outside().WaitEnd(0, 100);
  return story;
}

std::string Violations(const Recording& recording) {
  std::string text;
  for (const std::string& sentence : Replay(recording).violations) text += sentence + "\n";
  return text;
}

TEST(ReplayTest, AGoodRunHasNoViolations) {
  const Recording recording = WholeStory().Sealed();
  EXPECT_EQ(Violations(recording), "");
  const ReplayReport report = Replay(recording);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.tasks, 9u);
  EXPECT_EQ(report.fingerprint, recording.seal.fingerprint);
  EXPECT_EQ(report.fingerprint, Fingerprint(recording));
  EXPECT_EQ(report.decisions, recording.seal.decisions);
  EXPECT_EQ(report.events, recording.seal.decisions + recording.seal.timeline);
}

// One broken rule per case, and the sentence that names it.
TEST(ReplayTest, EveryRuleIsChecked) {
  const struct {
    const char* rule;
    std::function<void(Story&)> tell;
  } cases[] = {
      {"a task is spawned once", [](Story& s) { s.Spawn(1).Spawn(1).Begin(1).End(1); }},
      {"0 is the outside, never a task", [](Story& s) { s.Spawn(0); }},
      {"a task is spawned before it begins", [](Story& s) { s.Begin(1).End(1); }},
      {"a task begins once", [](Story& s) { s.Spawn(1).Begin(1).End(1).Begin(1).End(1); }},
      {"a worker begins the newest task of its own deque",
       [](Story& s) {
         s.Spawn(1).Spawn(2).Spawn(3).Begin(2).End(2).Begin(3).End(3).Begin(1).End(1);
       }},
      {"a worker begins the newest task of its own deque",
       [](Story& s) { s.Spawn(1).On(1).Begin(1).End(1); }},
      {"a task keeps its priority",
       [](Story& s) { s.Spawn(1).Begin(1, Place::kOwnDeque, Priority::kLow).End(1); }},
      {"a task begun from the hand was stolen or taken",
       [](Story& s) { s.Spawn(1).Begin(1, Place::kHand).End(1); }},
      {"a task run in place was spawned by this worker",
       [](Story& s) { s.Spawn(1).Begin(1, Place::kInline).End(1); }},
      {"a task of an injector is taken before it begins",
       [](Story& s) { s.SpawnTo(0, 1).Begin(1, Place::kInjector).End(1); }},
      {"the innermost task of a worker ends first",
       [](Story& s) { s.Spawn(1).Begin(1).Spawn(2).Begin(2).End(1).End(2); }},
      {"the innermost task of a worker ends first", [](Story& s) { s.End(1); }},
      {"only workers run tasks", [](Story& s) { s.SpawnTo(0, 1).Outside().Begin(1).End(1); }},
      {"the outside can only spawn into an injector",
       [](Story& s) { s.Outside().Spawn(1).On(0).Begin(1).End(1); }},
      {"a victim is another worker", [](Story& s) { s.Spawn(1).Steal(1, 0); }},
      {"a victim is another worker", [](Story& s) { s.Spawn(1).On(1).Steal(1, 7); }},
      {"a task is stolen from the deque that it is in",
       [](Story& s) { s.Spawn(1).Begin(1).On(1).Steal(1, 0).Begin(1, Place::kHand).End(1); }},
      {"the oldest task of a deque is stolen first",
       [](Story& s) { s.Spawn(1).Spawn(2).On(1).Steal(2, 0).Begin(2, Place::kHand).End(2); }},
      {"a stolen task was queued", [](Story& s) { s.Spawn(1).On(1).Steal(1, 0, Place::kInline); }},
      {"a task is taken from the injector that it is in",
       [](Story& s) { s.SpawnTo(1, 1).Take(1, 0).Begin(1, Place::kHand).End(1); }},
      {"an injector gives the tasks of one worker in their order",
       [](Story& s) { s.SpawnTo(0, 1).SpawnTo(0, 2).Take(2, 0).Begin(2, Place::kHand).End(2); }},
      {"a worker takes a whole batch before it goes on",
       [](Story& s) {
         s.SpawnTo(0, 1).SpawnTo(0, 2).SpawnTo(0, 3).SpawnTo(0, 4);
         s.Take(1, 0).Take(4, 0, Place::kOwnDeque).Take(3, 0, Place::kOwnDeque);
         s.Begin(1, Place::kHand).End(1);
       }},
      {"an injector gives the tasks of one worker in their order",
       [](Story& s) {  // in its batch the second follows the third
         s.SpawnTo(0, 1).SpawnTo(0, 2).SpawnTo(0, 3).SpawnTo(0, 4);
         s.Take(1, 0).Take(3, 0, Place::kOwnDeque).Take(4, 0, Place::kOwnDeque);
         s.Take(2, 0, Place::kOwnDeque).Begin(1, Place::kHand).End(1);
       }},
      {"an injector gives the tasks of one worker in their order",
       [](Story& s) {  // from the middle of another's batch
         s.SpawnTo(0, 1).SpawnTo(0, 2).SpawnTo(0, 3).Take(1, 0).Take(3, 0, Place::kOwnDeque);
         s.On(1).Take(2, 0).Begin(2, Place::kHand).End(2);
       }},
      {"an injector belongs to a node", [](Story& s) { s.SpawnTo(5, 1); }},
      {"who reclaims a task runs it",
       [](Story& s) {
         s.SpawnTo(0, 1).Add({.task = 1,
                              .peer = 0,
                              .kind = EventKind::kReclaim,
                              .detail = Event::Detail(Priority::kNormal, Place::kOwnDeque)});
       }},
      {"the running task is the one that waits", [](Story& s) { s.WaitBegin(3, 9).WaitEnd(3, 9); }},
      {"a wait ends when every task of its group is over",
       [](Story& s) { s.Spawn(1, 9).WaitBegin(0, 9).WaitEnd(0, 9).Begin(1).End(1); }},
      {"the innermost wait ends first",
       [](Story& s) { s.WaitBegin(0, 1).WaitBegin(0, 2).WaitEnd(0, 1).WaitEnd(0, 2); }},
      {"a wait begins before it ends", [](Story& s) { s.Outside().WaitEnd(0, 1); }},
      {"a parked worker does nothing before it is awake", [](Story& s) { s.Park().Spawn(1); }},
      {"only who sleeps can awake", [](Story& s) { s.Unpark(); }},
      {"a worker with a running task is awake",
       [](Story& s) { s.Spawn(1).Begin(1).Park().Unpark().End(1); }},
      {"who is woken is a worker", [](Story& s) { s.Wake(2); }},
      {"a victim is a worker", [](Story& s) { s.StealFail(2); }},
      {"the node is one of the machine", [](Story& s) { s.Touch(0, 1, 2); }},
      {"the kind of event is known", [](Story& s) { s.Add({.kind = static_cast<EventKind>(15)}); }},
      {"the detail bits mean something",
       [](Story& s) { s.Add({.kind = EventKind::kPark, .detail = 16}); }},
      {"was spawned and never ran", [](Story& s) { s.Spawn(1); }},
      {"ends in the middle of task", [](Story& s) { s.Spawn(1).Begin(1); }},
      {"ends in the middle of a wait", [](Story& s) { s.WaitBegin(0, 1); }},
  };
  for (const auto& c : cases) {
    Story story(2, 2);
    c.tell(story.On(0));
    const std::string violations = Violations(story.Sealed());
    EXPECT_NE(violations.find(c.rule), std::string::npos)
        << "expected: " << c.rule << "\ngot: " << violations;
  }
}

// Worker 2 is a spare: it serves, hands over what it has left, and rests.
TEST(ReplayTest, ASpareServesAndRests) {
  Story story(3);
  story.WithSpares(1).Outside().SpawnTo(0, 1).SpawnTo(0, 2);
  story.On(0).Take(1, 0).Begin(1, Place::kHand);
  story.On(2).Serve().Take(2, 0).Begin(2, Place::kHand).Spawn(20).Spawn(21).Spawn(22).End(2);
  story.On(1).Steal(20, 2).Begin(20, Place::kHand).End(20);
  story.On(2).Steal(22, 2, Place::kInjector).Steal(21, 2, Place::kInjector).Rest();
  // By two doors, if an outside thread was the spare meanwhile: in any order.
  story.On(0).End(1).Take(21, 0).Begin(21, Place::kHand).End(21);
  story.On(2).Serve().Take(22, 0).Begin(22, Place::kHand).End(22).Park().Unpark().Rest();
  const Recording recording = story.Sealed();
  EXPECT_EQ(Violations(recording), "");
  EXPECT_EQ(recording.header.spares, 1u);
  EXPECT_EQ(Replay(recording).fingerprint, recording.seal.fingerprint);
}

TEST(ReplayTest, WhatASpareMustNotDo) {
  using Tell = std::function<void(Story&)>;
  const std::vector<std::pair<std::string, Tell>> cases = {
      {"a parked worker does nothing before it is awake",
       [](Story& s) { s.Spawn(1).On(1).Steal(1, 0).Begin(1, Place::kHand).End(1); }},
      {"a spare that rests is called in before it does anything else",
       [](Story& s) { s.On(1).Unpark(); }},
      {"a spare that rests is called in before it does anything else",
       [](Story& s) { s.On(1).Serve().Park().Serve(); }},
      {"only spares rest", [](Story& s) { s.Rest(); }},
      {"a spare hands over what it has queued before it rests",
       [](Story& s) { s.On(1).Serve().Spawn(1).Rest().Serve().Begin(1).End(1).Rest(); }},
      {"a spare rests between two tasks",
       [](Story& s) { s.On(1).Serve().Spawn(1).Begin(1).WaitBegin(1, 9).Rest(); }},
      {"a spare hands over its newest task first",
       [](Story& s) { s.On(1).Serve().Spawn(1).Spawn(2).Steal(1, 1, Place::kInjector); }},
      {"what a spare hands over is for others",
       [](Story& s) { s.On(1).Serve().Spawn(1).Steal(1, 1).Begin(1, Place::kHand).End(1); }},
      {"a victim is another worker", [](Story& s) { s.Spawn(1).Steal(1, 0, Place::kInjector); }},
  };
  for (const auto& [rule, tell] : cases) {
    Story story(2);
    story.WithSpares(1).On(0);
    tell(story);
    EXPECT_NE(Violations(story.Sealed()).find(rule), std::string::npos)
        << rule << "\n"
        << Violations(story.Sealed());
  }
}

TEST(ReplayTest, NowAndThenAWorkerBeginsItsOldestTask) {
  Story story(2, 2);
  story.On(0).Spawn(1).Spawn(2).Spawn(3).Begin(1).End(1).Begin(3).End(3).Begin(2).End(2);
  EXPECT_EQ(Violations(story.Sealed()), "");
}

TEST(ReplayTest, ABatchLiesWithItsOldestOnTop) {
  Story story(2, 2);
  story.On(0).SpawnTo(0, 1).SpawnTo(0, 2).SpawnTo(0, 3).SpawnTo(0, 4).Take(1, 0);
  story.Take(4, 0, Place::kOwnDeque).Wake(1).Take(3, 0, Place::kOwnDeque);
  story.Take(2, 0, Place::kOwnDeque).Begin(1, Place::kHand).End(1);
  story.Begin(2).End(2).Begin(3).End(3).Begin(4).End(4);
  EXPECT_EQ(Violations(story.Sealed()), "");
}

TEST(ReplayTest, TimeRunningBackwardsIsAViolation) {
  Recording recording = WholeStory().Sealed();
  recording.lanes[1][3].time = 0;
  EXPECT_NE(Violations(recording).find("time does not run backwards"), std::string::npos);
}

TEST(ReplayTest, LossComesFirstAndWhatItLeavesUndoneIsNotHeldAgainstTheRun) {
  const std::string bytes = WriteRecording(WholeStory().Sealed());
  RecordingBuilder builder;
  ASSERT_TRUE(builder.Append(bytes.substr(0, bytes.size() - 1)).ok());  // the seal is cut
  ASSERT_TRUE(builder.Finish().ok());
  const ReplayReport report = Replay(builder.recording());
  ASSERT_EQ(report.violation_count, 1u);
  EXPECT_EQ(report.violations[0].rfind("the recording was cut off before its end", 0), 0u)
      << report.violations[0];
  EXPECT_EQ(report.tasks, 9u);
}

TEST(ReplayTest, AnAttachedRecordingCannotBeReplayed) {
  Recording recording = WholeStory().Sealed();
  recording.header.from_create = false;
  EXPECT_NE(Violations(recording).find("began in the middle"), std::string::npos);
}

// Whoever changes an event and repairs the checksums must be found out: every field of every event.
TEST(ReplayTest, EveryChangedEventIsDetected) {
  const Recording original = WholeStory().Sealed();
  const uint64_t fingerprint = Replay(original).fingerprint;
  const std::function<void(Event&)> changes[] = {
      [](Event& e) { e.time += 1; },
      [](Event& e) { e.time -= 1; },
      [](Event& e) { e.time = 0; },
      [](Event& e) { e.task ^= 1; },
      [](Event& e) { e.task ^= uint64_t{1} << 63; },
      [](Event& e) { e.arg += 1; },
      [](Event& e) { e.arg ^= uint64_t{1} << 63; },
      [](Event& e) { e.aux ^= 1; },
      [](Event& e) { e.aux ^= 1u << 31; },
      [](Event& e) { e.peer = static_cast<int16_t>(e.peer + 1); },
      [](Event& e) { e.peer = static_cast<int16_t>(e.peer ^ 0x4000); },
      [](Event& e) { e.detail ^= 1; },
      [](Event& e) { e.detail ^= 4; },
      [](Event& e) { e.detail ^= 0x80; },
      [](Event& e) { e.kind = static_cast<EventKind>(static_cast<uint8_t>(e.kind) ^ 1); },
      [](Event& e) { e.kind = static_cast<EventKind>(static_cast<uint8_t>(e.kind) ^ 64); },
  };
  size_t tried = 0;
  for (size_t lane = 0; lane < original.lanes.size(); ++lane) {
    for (size_t i = 0; i < original.lanes[lane].size(); ++i) {
      for (const auto& change : changes) {
        Recording changed = original;
        change(changed.lanes[lane][i]);
        if (changed.lanes[lane][i] == original.lanes[lane][i]) continue;
        ++tried;
        RecordingBuilder builder;  // checksums repaired, the original seal kept
        ASSERT_TRUE(builder.Append(WriteRecording(changed)).ok());
        ASSERT_TRUE(builder.Finish().ok());
        const ReplayReport report = Replay(builder.recording());
        EXPECT_TRUE(!report.ok()) << "lane " << lane << " event " << i;
        if (IsDecision(original.lanes[lane][i].kind) &&
            changed.lanes[lane][i].time == original.lanes[lane][i].time) {
          EXPECT_NE(report.fingerprint, fingerprint);
        }
      }
    }
  }
  EXPECT_GE(tried, 800u);
}

// Removing, repeating and swapping events, too; and a seal that was made to fit.
TEST(ReplayTest, MissingRepeatedAndSwappedEventsAreDetectedEvenWithANewSeal) {
  const Recording original = WholeStory().Sealed();
  const uint64_t fingerprint = original.seal.fingerprint;
  const auto detected = [&](Recording changed) {
    changed.has_seal = false;  // the writer makes one that fits
    RecordingBuilder builder;
    EXPECT_TRUE(builder.Append(WriteRecording(changed)).ok());
    EXPECT_TRUE(builder.Finish().ok());
    const ReplayReport report = Replay(builder.recording());
    return !report.ok() || report.fingerprint != fingerprint;
  };
  for (size_t lane = 0; lane < original.lanes.size(); ++lane) {
    for (size_t i = 0; i < original.lanes[lane].size(); ++i) {
      if (!IsDecision(original.lanes[lane][i].kind)) continue;
      Recording without = original;
      without.lanes[lane].erase(without.lanes[lane].begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_TRUE(detected(without)) << lane << " " << i;
      Recording twice = original;
      twice.lanes[lane].insert(twice.lanes[lane].begin() + static_cast<std::ptrdiff_t>(i),
                               original.lanes[lane][i]);
      EXPECT_TRUE(detected(twice)) << lane << " " << i;
      if (i == 0) continue;
      Recording swapped = original;
      std::swap(swapped.lanes[lane][i - 1], swapped.lanes[lane][i]);
      if (!IsDecision(original.lanes[lane][i - 1].kind)) continue;
      EXPECT_TRUE(detected(swapped)) << lane << " " << i;
    }
  }
}

}  // namespace
}  // namespace tally
