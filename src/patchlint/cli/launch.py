"""Commands that take a launch command after ``--``."""

from __future__ import annotations

import click


class LaunchCommand(click.Command):
    """Hands what follows ``--`` to its function, as ``launch``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split at the first ``--``, which click would otherwise swallow."""
        launch: tuple[str, ...] = ()
        if "--" in args:
            at = args.index("--")
            args, launch = args[:at], tuple(args[at + 1 :])
            if not launch:
                raise click.UsageError("no command follows `--`", ctx)
        rest = super().parse_args(ctx, args)
        ctx.params["launch"] = launch
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The usage line, with what parse_args adds."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]
