// How Allure shows a run. `python -m reports.allure.html` runs it and sets these variables.
const { REPORT_NAME, REPORT_OUTPUT, REPORT_HISTORY, REPORT_APPEND, REPORT_DIFFERS } = process.env;

// A message begins with its category in brackets (spec/violation.py, reports/ledger.py).
const category = (name, statuses) => ({
  name,
  matchers: { statuses, message: new RegExp(`^\\[${name.replace(/[()]/g, "\\$&")}\\]`) },
  groupByMessage: true,
});
const failed = [
  "Server error",
  "Accepted invalid input",
  "Refused valid input",
  "Echo mismatch",
  "Wrong status",
  "Answer shape",
  "Error shape",
  "Authentication",
  "Protocol",
  "Drift",
  "Known (waived)",
];

export default {
  name: REPORT_NAME,
  output: REPORT_OUTPUT,
  historyPath: REPORT_HISTORY,
  historyLimit: 100,
  appendHistory: REPORT_APPEND === "yes",
  hideLabels: ["host", "thread", "framework", "language", "package", /suite/i, "epic"],
  categories: [
    ...failed.map((name) => category(name, ["failed"])),
    category("Could not tell", ["unknown", "broken"]),
    category("Changed", ["failed", "skipped"]),
    category("Blocked", ["skipped"]),
    category("Suite error", ["broken"]),
  ],
  plugins: {
    awesome: {
      options: {
        reportName: REPORT_NAME,
        singleFile: true,
        reportLanguage: "en",
        groupBy: ["epic", "feature", "story"],
        charts: [
          { type: "currentStatus", title: "Tests by verdict" },
          { type: "statusDynamics", title: "Verdicts, run by run" },
          // Where no run found anything else than the one before, it would say "No results".
          ...(REPORT_DIFFERS === "yes"
            ? [{ type: "statusTransitions", title: "New and fixed, run by run" }]
            : []),
          { type: "testResultSeverities", title: "MUST (critical) and SHOULD (normal)" },
          { type: "durationDynamics", title: "Duration, run by run" },
        ],
      },
    },
  },
};
