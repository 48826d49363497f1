"""The command line as a whole: how commands are found, what they cost, how they end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor import __version__
from monitor.cli import tagdrift
from monitor.cli.completing import complete_receivers, complete_targets
from monitor.cli.failures import Failed, fails_with
from monitor.cli.group import Commands
from monitor.cli.options import Format, config_option, format_option, shared_config_option
from monitor.cli.paths import config_path
from monitor.cli.target_flags import TargetFlags, target_flags
from monitor.errors import ConfigError, FetchError, StoreError

HEAVY = ("aiohttp", "sqlalchemy", "apprise", "apscheduler", "pydantic", "alembic", "rich", "jinja2")


def python(code: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, **options
    )


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        with click.Context(command) as ctx:
            for child in command.list_commands(ctx):
                found = command.get_command(ctx, child)
                assert found is not None
                yield from commands(found, f"{name} {child}")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom monitor.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = python(code, "--help")
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout
    assert done.stdout.endswith("[]\n")


def test_one_command_imports_no_other() -> None:
    code = (
        "import sys\nfrom monitor.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([n for n in sys.modules if n.startswith('monitor.cli.commands.')])"
    )
    assert python(code, "completion", "fish").stdout.endswith("['monitor.cli.commands.completion']\n")


def test_every_command_explains_itself_with_an_example() -> None:
    lacking = [
        name
        for name, command in commands(tagdrift, "tagdrift")
        if not (command.help and command.epilog and "tagdrift" in command.epilog)
    ]
    assert lacking == []


def test_every_command_has_a_form_for_machines() -> None:
    # What prints a program, a schema, a file to keep, a story or a log has nothing else to say.
    own = {"completion", "config init", "config schema", "demo", "run"}
    lacking = {
        name.removeprefix("tagdrift ")
        for name, command in commands(tagdrift, "tagdrift")
        if not isinstance(command, click.Group)
        and not any("--format" in parameter.opts for parameter in command.params)
    }
    assert lacking == own


def test_a_group_lists_each_command_with_its_whole_first_sentence() -> None:
    groups = [found for _, found in commands(tagdrift, "tagdrift") if isinstance(found, click.Group)]
    assert len(groups) > 3
    for group in groups:
        _, listed = group.get_help(click.Context(group)).split("Commands:")
        assert "..." not in listed


def test_python_dash_m_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"tagdrift {__version__}\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    done = CliRunner().invoke(tagdrift, ["chekc"])
    assert done.exit_code == 2
    assert "chekc" in done.stderr


# --- how a command ends --------------------------------------------------------------------------


def house(command: click.Command) -> click.Group:
    group = Commands("tagdrift")
    group.get_command = lambda ctx, name: command  # type: ignore[method-assign]
    return group


def raising(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        pytest.param(
            StoreError("the database is\x1b locked"), 1, "the database is\\x1b locked", id="an error is 1"
        ),
        pytest.param(ConfigError(("targets.a: x",)), 2, "targets.a: x", id="a configuration is 2"),
        pytest.param(
            ConfigError(("targets.a: x", "targets.b: y")),
            2,
            "the configuration has 2 problems:\n  targets.a: x\n  targets.b: y",
            id="every problem is said",
        ),
    ],
)
def test_an_error_of_ours_is_a_sentence_and_no_traceback(error: Exception, status: int, said: str) -> None:
    done = CliRunner().invoke(house(raising(error)), ["it"])
    assert done.exit_code == status
    assert done.stderr == f"tagdrift: {said}\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(FetchError("no answer"), 3, id="an error"),
        pytest.param(ConfigError(("x",)), 2, id="a configuration stays 2"),
    ],
)
def test_a_command_may_keep_status_1_for_what_it_found(error: Exception, status: int) -> None:
    @click.command()
    @fails_with(3)
    def command() -> None:
        raise error

    assert CliRunner().invoke(house(command), ["it"]).exit_code == status


def test_a_command_that_succeeds_returns_what_it_returns() -> None:
    assert fails_with(3)(lambda: "done")() == "done"


def test_an_interrupt_is_quiet() -> None:
    done = CliRunner().invoke(house(raising(KeyboardInterrupt())), ["it"])
    assert (done.exit_code, done.output) == (130, "")


def test_a_reader_that_goes_away_is_quiet() -> None:
    code = "from monitor.cli import main\nmain()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, "completion", "bash"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 141


def test_a_failure_of_ones_own_has_its_own_status() -> None:
    assert CliRunner().invoke(house(raising(Failed("no", status=7))), ["it"]).exit_code == 7


# --- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "environ", "path"),
    [
        pytest.param(["it"], {}, "/etc/tagdrift/config.toml", id="the default"),
        pytest.param(["it"], {"TAGDRIFT_CONFIG": "/e.toml"}, "/e.toml", id="the environment"),
        pytest.param(["--config", "/a.toml", "it"], {"TAGDRIFT_CONFIG": "/e.toml"}, "/a.toml", id="before"),
        pytest.param(["it", "--config", "/b.toml"], {}, "/b.toml", id="after"),
        pytest.param(["--config", "/a.toml", "it", "--config", "/b.toml"], {}, "/b.toml", id="both"),
    ],
)
def test_the_configuration_is_the_nearest_one_named(
    line: list[str], environ: dict[str, str], path: str
) -> None:
    @click.command()
    @config_option
    def command(config_path: Path) -> None:
        click.echo(config_path)

    group = shared_config_option(house(command))
    assert CliRunner(env={"TAGDRIFT_CONFIG": None, **environ}).invoke(group, line).output == f"{path}\n"


def test_an_empty_variable_names_no_file() -> None:
    assert config_path(None, {"TAGDRIFT_CONFIG": ""}) == Path("/etc/tagdrift/config.toml")


def test_the_format_is_text_unless_it_is_said() -> None:
    @click.command()
    @format_option
    def command(form: Format) -> None:
        click.echo(repr(form))

    assert CliRunner().invoke(command, []).output == f"{Format.TEXT!r}\n"
    assert CliRunner().invoke(command, ["--format", "JSON"]).output == f"{Format.JSON!r}\n"
    assert CliRunner().invoke(command, ["--format", "xml"]).exit_code == 2


def test_flags_describe_a_target_or_are_not_given() -> None:
    @click.command()
    @target_flags
    def command(flags: TargetFlags) -> None:
        click.echo(",".join(flags.config({}).targets) if flags.are_given else "none")

    assert CliRunner().invoke(command, []).output == "none\n"
    line = ["--git", "https://git.example/widget.git", "--metadata", "https://widget.example/LATEST"]
    assert CliRunner().invoke(command, line).output == "widget\n"


# --- completion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_asks_tagdrift_itself(shell: str) -> None:
    script = CliRunner().invoke(tagdrift, ["completion", shell]).output
    assert "_TAGDRIFT_COMPLETE" in script
    assert "tagdrift" in script


def test_the_shell_is_told_the_commands() -> None:
    environ = {"_TAGDRIFT_COMPLETE": "bash_complete", "COMP_WORDS": "tagdrift comp", "COMP_CWORD": "1"}
    done = python("from monitor.cli import main\nmain()", env=environ)
    assert done.stdout == "plain,completion\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param(
            "[targets.alpha]\n[targets.apex]\n[targets.beta]", ["alpha", "apex"], id="those that begin so"
        ),
        pytest.param("targets = 3", [], id="not even a table"),
        pytest.param("[targets", [], id="not even TOML"),
    ],
)
def test_targets_are_completed_from_the_configuration(tmp_path: Path, text: str, names: list[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    argument = click.Argument(["target"], shell_complete=complete_targets)
    context = click.Context(click.Command("status"))
    context.params["config_path"] = path
    assert complete_targets(context, argument, "a") == names


def test_without_a_configuration_nothing_is_completed(tmp_path: Path) -> None:
    context = click.Context(click.Command("test"))
    argument = click.Argument(["receiver"])
    context.params["config_path"] = tmp_path / "none.toml"
    assert complete_receivers(context, argument, "") == []
