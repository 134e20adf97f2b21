"""What is learnt from questions: nearer to their answers, the same each time, on the scale of plain cosines."""

import numpy as np
import pytest

from index.adaptation import Adaptation, learn

WIDTH, PASSAGES = 16, 20


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


class Problem:
    """Questions are their answers seen through a fixed distortion, which one matrix can nearly undo."""

    def __init__(self, seed):
        generator = np.random.default_rng(seed)
        self.passages = unit(generator.normal(size=(PASSAGES, WIDTH)))
        distortion = np.eye(WIDTH) + 0.3 * generator.normal(size=(WIDTH, WIDTH))

        def ask(count):
            answers = generator.integers(0, PASSAGES, count)
            noise = 0.1 * generator.normal(size=(count, WIDTH))
            return unit(self.passages[answers] @ distortion + noise), answers

        self.questions, self.answers = ask(600)
        self.others, self.their_answers = ask(600)
        self.learn = lambda: learn(self.questions, self.answers, self.passages)


@pytest.fixture(params=[1, 2, 3])
def problem(request):
    return Problem(request.param)


def share_first(cosines, answers):
    return (cosines.argmax(axis=1) == answers).mean()


def test_questions_even_those_left_out_are_nearer_to_their_answers_than_untouched(problem):
    adaptation = problem.learn()

    for questions, answers in (
        (problem.questions, problem.answers),
        (problem.others, problem.their_answers),
    ):
        plain = questions @ problem.passages.T
        turned = adaptation.turn(questions) @ problem.passages.T
        right = (np.arange(len(answers)), answers)
        assert turned[right].mean() > plain[right].mean() + 0.02
        assert share_first(turned, answers) > share_first(plain, answers) + 0.02


def test_the_same_input_gives_the_same_matrix_and_is_left_alone(problem):
    before = [array.copy() for array in (problem.questions, problem.answers, problem.passages)]
    once, again = problem.learn(), problem.learn()

    assert once.matrix.tobytes() == again.matrix.tobytes()
    assert (once.slope, once.intercept) == (again.slope, again.intercept)
    for array, copy in zip((problem.questions, problem.answers, problem.passages), before, strict=True):
        assert np.array_equal(array, copy)


def test_its_cosines_have_the_means_of_the_plain_ones(problem):
    adaptation = problem.learn()
    plain = problem.questions @ problem.passages.T

    adapted = np.stack([adaptation.cosines(question, problem.passages) for question in problem.questions])

    assert adapted.mean() == pytest.approx(plain.mean(), abs=1e-4)
    assert adapted.max(axis=1).mean() == pytest.approx(plain.max(axis=1).mean(), abs=1e-4)
    assert adaptation.slope != pytest.approx(1, abs=1e-3)  # so that these means are not those by chance


def test_the_scale_keeps_the_order_of_the_turned_cosines(problem):
    adaptation = problem.learn()
    vector = problem.others[0]

    adapted = adaptation.cosines(vector, problem.passages)

    turned = problem.passages @ adaptation.turn(vector)
    assert adapted.argsort().tolist() == turned.argsort().tolist()


def test_one_question_or_several_are_turned_into_unit_vectors_of_the_same_shape(problem):
    adaptation = problem.learn()
    rows = adaptation.turn(problem.others[:5])

    assert adaptation.matrix.shape == (WIDTH, WIDTH)
    assert adaptation.matrix.dtype == np.float32
    assert rows.shape == (5, WIDTH)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert adaptation.turn(problem.others[0]) == pytest.approx(rows[0], abs=1e-6)
    assert adaptation.cosines(problem.others[0], problem.passages).shape == (PASSAGES,)


def test_the_matrix_multiplies_the_question_then_the_line_is_applied():
    swap = np.array([[0, 2], [2, 0]], np.float32)  # exchanges the axes; its length must not count

    adaptation = Adaptation(swap, slope=0.5, intercept=0.25)

    assert adaptation.turn(np.array([0.6, 0.8], np.float32)) == pytest.approx([0.8, 0.6])
    assert adaptation.cosines(np.array([1, 0], np.float32), np.eye(2, dtype=np.float32)) == pytest.approx(
        [0.25, 0.75]
    )


def test_questions_that_are_their_answers_already_are_hardly_turned():
    passages = np.eye(WIDTH, dtype=np.float32)

    adaptation = learn(passages, np.arange(WIDTH), passages)

    turned = adaptation.turn(passages)
    assert (turned.argmax(axis=1) == np.arange(WIDTH)).all()
    assert np.diag(turned).min() > 0.95
