"""Known answers for calibration_test.cc: scikit-learn 1.2.1 and SciPy on the same made data."""
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

n = 60
i = np.arange(n)
s = (i * 37 % 80 - 40) / 10
y = ((i * 29 % 17 - 8) * 0.5 + s > 0.3).astype(int)
np.set_printoptions(precision=17)

sig = _SigmoidCalibration().fit(s, y)
pos, neg = y.sum(), n - y.sum()
t = np.where(y == 1, (pos + 1) / (pos + 2), 1 / (neg + 2))


def logit_loss(columns, target):
    """Newton to the last bits: SciPy's BFGS stops earlier."""
    x = np.column_stack(columns + [np.ones(n)])
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = expit(x @ w)
        w = w - np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]), x.T @ (p - target))
    return w


print("sklearn platt", -sig.a_, -sig.b_)
print("newton platt", logit_loss([s], t))
print("newton plain", logit_loss([s], y))
print("newton beta", logit_loss([np.log(expit(s)), -np.log(expit(-s))], t))
coarse = np.round(s)
iso = IsotonicRegression(out_of_bounds="clip").fit(coarse, y, 1 + i % 3)
print("isotonic x", iso.X_thresholds_.tolist())
print("isotonic y", iso.y_thresholds_.tolist())
z = np.column_stack([s, s[::-1] * 0.5, np.roll(s, 7)])
c = (z + 3 * np.column_stack([(i * k) % 7 - 3 for k in (2, 3, 5)])).argmax(1)
lp = log_softmax(z, axis=1)
power = minimize(lambda a: -log_softmax(a[0] * lp, axis=1)[i, c].sum(), [1.0], method="Nelder-Mead",
                 options={"xatol": 1e-13, "fatol": 1e-15}).x
print("power", power)
