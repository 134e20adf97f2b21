import numpy as np
import pytest

from index.fusion import fuse_candidates, fuse_reciprocal_ranks, fuse_zscores, standardize

NAN = float("nan")


def test_zscores_on_hand_computed_values():
    # mean 2, deviation sqrt(2/3)
    assert standardize(np.array([1.0, 2.0, 3.0])) == pytest.approx([-1.2247449, 0, 1.2247449])


def test_what_an_arm_did_not_score_gets_its_lowest_zscore():
    assert standardize(np.array([1.0, 3.0, NAN])).tolist() == [-1, 1, -1]


def test_constant_scores_carry_no_preference():
    assert standardize(np.array([0.8, 0.8])).tolist() == [0, 0]


def test_an_arm_that_scored_nothing_leaves_the_order_to_the_other():
    fused = fuse_zscores(np.array([NAN, NAN]), np.array([1.0, 3.0]))

    assert fused == pytest.approx([-0.4, 0.4])


def test_weighted_sum_on_hand_computed_values():
    # dense z = [1, -1], lexical z = [-1, 1]
    fused = fuse_zscores(np.array([0.9, 0.7]), np.array([0.0, 4.0]), dense_weight=0.65)

    assert fused == pytest.approx([0.3, -0.3])


def test_reciprocal_ranks_on_hand_computed_values():
    fused = fuse_reciprocal_ranks([np.array([0.9, 0.7, 0.8]), np.array([NAN, 5.0, 2.0])])

    assert fused == pytest.approx([1 / 61, 1 / 63 + 1 / 61, 1 / 62 + 1 / 62])


def test_candidates_are_the_union_of_both_arms_best():
    dense = np.array([0.9, 0.1, 0.2, 0.3])
    lexical = np.array([0.0, 7.0, 0.0, 0.0])

    positions, fused = fuse_candidates(dense, lexical, candidates=1, dense_weight=0.65)

    assert positions.tolist() == [0, 1]
    assert fused == pytest.approx([0.3, -0.3])
