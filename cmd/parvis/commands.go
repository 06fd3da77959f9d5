package main

// commands is the command line: each command is a struct with a Run method in the
// file of its name.
type commands struct {
	Settings settings `embed:""`

	Demo     demoCommand     `cmd:"" help:"Draw a synthetic hub, publish it, and serve it."`
	Hub      hubCommands     `cmd:"" help:"Draw or check an extract of the hub."`
	Publish  publishCommand  `cmd:"" help:"Publish datasets now."`
	Protect  protectCommand  `cmd:"" help:"Protect tables given as CSV, or attack a finished mask."`
	Audit    auditCommand    `cmd:"" help:"Attack a published release with nothing but what is public."`
	Serve    serveCommand    `cmd:"" help:"Serve the public. Has no access to the hub."`
	Work     workCommand     `cmd:"" help:"Publish, verify and prune by the schedule. Needs the hub."`
	Jobs     jobCommands     `cmd:"" help:"List the jobs of the schedule, show their runs, run one now."`
	Alerts   alertCommands   `cmd:"" help:"List the alerts that work sends, send one as a test."`
	Health   healthCommand   `cmd:"" help:"Ask the serving process, or the worker, whether it is well."`
	Releases releaseCommands `cmd:"" help:"List, show, roll back, withdraw, verify and prune releases."`
	Search   searchCommands  `cmd:"" help:"Make the search index again, or the key to search with."`
	Print    settingsCommand `cmd:"" name:"settings" help:"Print the settings with their values."`
	Version  versionCommand  `cmd:"" help:"Print the build."`
}

type hubCommands struct {
	Generate generateCommand `cmd:"" help:"Draw a synthetic extract, the same for the same seed."`
	Check    checkCommand    `cmd:"" help:"Read an extract and print its quality report."`
}

type jobCommands struct {
	List jobListCommand `cmd:"" help:"List the jobs: what is due, what runs, what ran last."`
	Show jobShowCommand `cmd:"" help:"Show the runs of a job."`
	Run  jobRunCommand  `cmd:"" help:"Run a job now."`
}

type alertCommands struct {
	List alertListCommand `cmd:"" help:"List the alerts that wait and those that were sent lately."`
	Test alertTestCommand `cmd:"" help:"Send a test alert now, and say what the receiver answers."`
}

type releaseCommands struct {
	List     listCommand     `cmd:"" help:"List the releases of a dataset."`
	Show     showCommand     `cmd:"" help:"Show one release."`
	Rollback rollbackCommand `cmd:"" help:"Serve an older release again."`
	Withdraw withdrawCommand `cmd:"" help:"Take a release down for good."`
	Verify   verifyCommand   `cmd:"" help:"Read every object again and compare it with the manifest."`
	Prune    pruneCommand    `cmd:"" help:"Remove the releases that retention no longer keeps."`
}

type searchCommands struct {
	Index searchIndexCommand `cmd:"" help:"Make sure that Meilisearch has the index of the served release."`
	Key   searchKeyCommand   `cmd:"" help:"Print the key for serve, which may search and nothing else."`
}
